import {
  ConnectionError,
  MutationRejectedError,
  OutcomeUnknownError,
  ProtocolError,
  type SyncError,
} from '../errors.ts'
import type { NewFailure } from '../persistence/room-storage.ts'

/**
 * How a write ended.
 *
 * confirmed   the server ran it, and what it changed has been handed to the collections.
 * rejected    the server refused it and ran nothing of it.
 * invalid     it was never sent, and it would not be accepted.
 * unsent      this client does not send it, or not again. Where the code says that it is kept, the next one does.
 * unknown     it may or may not have happened.
 * withdrawn   the application took it back before it was sent.
 */
export type WriteResult =
  | { readonly is: 'confirmed'; readonly result: unknown }
  | { readonly is: 'rejected'; readonly code: string; readonly message: string; readonly details: unknown }
  | {
      readonly is: 'invalid' | 'unsent' | 'unknown' | 'withdrawn'
      readonly code: string
      readonly message: string
    }

export type Failure = Exclude<WriteResult, { is: 'confirmed' }>

/** The error that says so. */
export function failureError(failure: Failure): SyncError {
  switch (failure.is) {
    case 'rejected':
      return new MutationRejectedError(failure.code, failure.message, failure.details)
    case 'invalid':
      return new ProtocolError(failure.code, failure.message)
    case 'unsent':
      return new ConnectionError(failure.code, failure.message)
    case 'unknown':
      return new OutcomeUnknownError(failure.code, failure.message)
    case 'withdrawn':
      return new MutationRejectedError(failure.code, failure.message)
  }
}

/** How a failed write that is kept ended. */
export function failureResult({ code, message, details }: NewFailure): Failure {
  if (code === OUTCOME_UNKNOWN.code) return { is: 'unknown', code, message }
  if (code === DISCARDED.code) return { is: 'withdrawn', code, message }
  return { is: 'rejected', code, message, details }
}

export const CONFIRMED: WriteResult = { is: 'confirmed', result: undefined }

export const OUTCOME_UNKNOWN: Failure = {
  is: 'unknown',
  code: 'outcome-unknown',
  message: 'The write may have reached the server, and the server no longer knows this client.',
}
export const CLOSED_UNSENT: Failure = {
  is: 'unsent',
  code: 'client-closed-unsent',
  message: 'The client was closed before the write was sent.',
}
export const CLOSED_KEPT: Failure = {
  is: 'unsent',
  code: 'client-closed-kept',
  message:
    'The client was closed before the server confirmed the write. It is kept on this device, and sent by the next client.',
}
export const CLOSED_UNKNOWN: Failure = {
  is: 'unknown',
  code: 'client-closed',
  message: 'The client was closed before the server answered; the write may have happened.',
}
export const CLOSED: Failure = { is: 'invalid', code: 'client-closed', message: 'The client is closed.' }

export const DISCARDED: Failure = {
  is: 'withdrawn',
  code: 'discarded',
  message: 'The write was taken back before it was sent.',
}
export const storageFailed = (message: string): Failure => ({ is: 'unsent', code: 'storage-failed', message })
export const outboxFull = (writes: number, bytes: number): Failure => ({
  is: 'invalid',
  code: 'outbox-full',
  message: `${writes} writes of ${bytes} bytes wait to be sent already. Wait until some are confirmed.`,
})

export const tooLarge = (bytes: number, limit: number): Failure => ({
  is: 'invalid',
  code: 'write-too-large',
  message: `The write takes about ${bytes} bytes, ${limit} are allowed. Split it.`,
})
export const tooManyOps = (ops: number, limit: number): Failure => ({
  is: 'invalid',
  code: 'too-many-ops',
  message: `The write has ${ops} row operations, ${limit} are allowed. Split it.`,
})
