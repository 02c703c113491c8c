/** Writes that the server has not confirmed yet. */
export interface PendingWrites {
  /** Mutations and commands, not rows. */
  readonly count: number
  /** When the oldest was made, in milliseconds since 1970; null when there is none. */
  readonly oldestAt: number | null
  readonly items: readonly PendingWrite[]
}

export interface PendingWrite {
  /** Stable for the life of the write. */
  readonly id: string
  readonly kind: 'mutation' | 'command'
  /** The rows it touches; empty for a command. */
  readonly ops: readonly {
    readonly collection: string
    readonly type: 'insert' | 'update' | 'delete'
    readonly key: string
  }[]
  /** The name of a command; null for a mutation. */
  readonly command: string | null
  /** Milliseconds since 1970. */
  readonly queuedAt: number
  /** `queued` has not been sent on the current socket, `sent` awaits its receipt. */
  readonly state: 'queued' | 'sent'
}

export const NO_PENDING_WRITES: PendingWrites = { count: 0, oldestAt: null, items: [] }
