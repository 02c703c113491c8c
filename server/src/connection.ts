/** A socket as the author sees it. */
export interface Connection<Claims> {
  /** Unique for the life of the socket. */
  readonly id: string
  readonly principal: string
  readonly claims: Claims
  /** The client's id; null until it said hello. */
  readonly client: string | null
  /** Milliseconds since 1970. */
  readonly openedAt: number
}
