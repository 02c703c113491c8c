import {
  AuthError,
  ConnectionError,
  MutationRejectedError,
  OutcomeUnknownError,
  ProtocolError,
  SyncError,
} from '../errors.ts'

/** An error as it can be copied to another page: copying would take its class and its code. */
export interface PlainError {
  readonly name: string
  readonly code: string
  readonly reason: string
  readonly details?: unknown
}

export const plainError = (error: SyncError): PlainError => ({
  name: error.name,
  code: error.code,
  reason: error.reason,
  ...(error instanceof MutationRejectedError ? { details: error.details } : {}),
})

const CLASSES: Readonly<Record<string, new (code: string, reason: string) => SyncError>> = {
  AuthError,
  ConnectionError,
  OutcomeUnknownError,
  ProtocolError,
}

export function errorOf({ name, code, reason, details }: PlainError): SyncError {
  if (name === 'MutationRejectedError') return new MutationRejectedError(code, reason, details)
  // A newer build may have classes that this one does not know.
  const ErrorClass = CLASSES[name] ?? ProtocolError
  return new ErrorClass(code, reason)
}

/** A state with its errors as they can be copied. */
export const plainState = (state: object): object =>
  Object.fromEntries(
    Object.entries(state).map(([field, value]) =>
      value instanceof SyncError ? [field, { plain: plainError(value) }] : [field, value],
    ),
  )

export const stateOf = <T extends object>(plain: object): T =>
  Object.fromEntries(
    Object.entries(plain).map(([field, value]) =>
      typeof value === 'object' && value !== null && 'plain' in value
        ? [field, errorOf(value.plain as PlainError)]
        : [field, value],
    ),
  ) as T
