import type { RejectionCode } from '@durable-sync/core/wire'

/** Thrown while an item is decided: it becomes the stored outcome `rejected`, and its message is read by the client. */
export class Rejection extends Error {
  override readonly name = 'Rejection'
  readonly code: RejectionCode
  readonly details: unknown

  constructor(code: RejectionCode, message: string, details?: unknown) {
    super(message)
    this.code = code
    this.details = details
  }
}

export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
