/** Writes that the server refused, or of which nobody can say what became. They are kept until they are retried or discarded. */
export interface FailedWrites {
  readonly count: number
  /** The oldest failure first. At most 200, of the last 30 days. */
  readonly items: readonly FailedWrite[]
}

export interface FailedWrite {
  /** That of the write. */
  readonly id: string
  /** `unreadable`: it was kept on this device, and cannot be read any more. */
  readonly kind: 'mutation' | 'command' | 'unreadable'
  /** Empty for a command. */
  readonly ops: readonly FailedOp[]
  /** The name of a command and its argument; null for a mutation. */
  readonly command: { readonly name: string; readonly args: unknown } | null
  /** Why; the codes are those of the errors. */
  readonly code: string
  /** For the user, as the server's author said it. */
  readonly message: string
  /** What a schema said about the input, field by field; undefined when no schema spoke. */
  readonly details: unknown
  /** Milliseconds since 1970, by the clock of this device. */
  readonly queuedAt: number
  readonly failedAt: number
}

export interface FailedOp {
  readonly collection: string
  readonly type: 'insert' | 'update' | 'delete'
  readonly key: string
  /** The columns that it set; null for a delete. */
  readonly values: Readonly<Record<string, unknown>> | null
  /** The row before the write, or the columns of it that the write changed; null when there was none, or it is not known. */
  readonly previous: Readonly<Record<string, unknown>> | null
}

export const NO_FAILED_WRITES: FailedWrites = { count: 0, items: [] }
