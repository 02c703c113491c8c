/** What an object has used since it was made, in the units of its bill. Times are in milliseconds, moments since 1970. */
export interface MeterReading {
  readonly rowsRead: number
  readonly rowsWritten: number
  /** Over its sockets. Pings are not among them: they are answered while it sleeps. */
  readonly messagesIn: number
  /** Connects, and questions of the lab such as this one. */
  readonly requests: number
  /** How often it was constructed. */
  readonly wakes: number
  /** How long it was in memory: until 10 s after its last event, when it goes to sleep. It is billed for less: only while it works. */
  readonly inMemoryMs: number
  readonly now: number
}
