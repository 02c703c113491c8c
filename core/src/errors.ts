/** Every error of this library. `code` is stable; the class says who must act. */
export abstract class SyncError extends Error {
  readonly code: string
  /** What happened, in words; `message` is the same with the place of its explanation, in this project's ERRORS.md. */
  readonly reason: string

  constructor(code: string, reason: string, options?: ErrorOptions) {
    super(`${reason} (ERRORS.md#${code})`, options)
    this.code = code
    this.reason = reason
  }
}

/** Nobody has to act: the library retries. Shown as the cause of a status. */
export class ConnectionError extends SyncError {
  override readonly name = 'ConnectionError'
}

/** The application has to act: new credentials, then `client.resume()`. */
export class AuthError extends SyncError {
  override readonly name = 'AuthError'
}

/** The developer has to act: a wrong name, a wrong call, a version that does not fit. */
export class ProtocolError extends SyncError {
  override readonly name = 'ProtocolError'
}

/** The user has to act: the server refused the write and it was rolled back. `reason` is what the server's author said, fit to be shown. */
export class MutationRejectedError extends SyncError {
  override readonly name = 'MutationRejectedError'
  /** What a schema said about the input, field by field; undefined when no schema spoke. */
  readonly details: unknown

  constructor(code: string, message: string, details?: unknown) {
    super(code, message)
    this.details = details
  }
}

/**
 * Nobody knows: the write may or may not have happened, and the history that could tell is gone, or the client was closed first.
 */
export class OutcomeUnknownError extends SyncError {
  override readonly name = 'OutcomeUnknownError'
}
