/** Why a request was refused. A refusal answers exactly one request; it never closes the socket and never touches another request. */
export const REFUSAL_CODES = [
  // join, page
  'unknown-collection',
  'predicate-unsupported',
  'order-unsupported',
  'unknown-column',
  'read-denied',
  'too-many-subscriptions',
  'position-invalid',
  'unknown-subscription',
  // push: nothing was run, the client repairs its queue
  'gap',
  'cid-undeclared',
  'cid-retired',
  'cid-foreign',
  'busy',
  // auth, ephemeral
  'auth-unsupported',
  'auth-failed',
  'ephemeral-unsupported',
  // any frame
  'frame-invalid',
  'frame-too-large',
  'internal',
] as const
export type RefusalCode = (typeof REFUSAL_CODES)[number]

/** Why a mutation or a command was rejected. The outcome is stored: a resend is answered with the same code and message. */
export const REJECTION_CODES = [
  'denied',
  'invalid',
  'execute-failed',
  'constraint-failed',
  'handler-async',
  'handler-crashed',
  'unknown-collection',
  'unknown-command',
  'unhandled-operation',
  'column-not-writable',
  'unknown-column',
  'key-empty',
  'key-mismatch',
  'value-invalid',
  'row-too-large',
  'row-not-found',
  'too-many-ops',
  'result-unserialisable',
  'result-too-large',
] as const
export type RejectionCode = (typeof REJECTION_CODES)[number]
