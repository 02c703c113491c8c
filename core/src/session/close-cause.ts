import { AuthError, ConnectionError, ProtocolError, type SyncError } from '../errors.ts'
import { CloseCode } from '../wire/close-code.ts'

const CONNECTION_CODES: Readonly<Record<number, string>> = {
  [CloseCode.heartbeatMissed]: 'heartbeat-missed',
  [CloseCode.handshakeTimeout]: 'handshake-timeout',
  [CloseCode.silence]: 'server-silent',
  [CloseCode.gap]: 'position-gap',
  [CloseCode.restart]: 'server-restarted',
  [CloseCode.helloTimeout]: 'handshake-timeout',
  [CloseCode.overloaded]: 'overloaded',
  [CloseCode.misconfigured]: 'server-misconfigured',
}

/** The error of a close, for a retry. `said` is the server's message, or ours. */
export const connectionCause = (code: number, said: string): ConnectionError =>
  new ConnectionError(
    CONNECTION_CODES[code] ?? 'socket-closed',
    `The connection was closed with ${code}${said === '' ? '' : `: ${said}`}`,
  )

export const unauthorized = (said: string): AuthError =>
  new AuthError('unauthorized', said || 'The server did not accept the credentials')

export const forbidden = (said: string): AuthError =>
  new AuthError('forbidden', said || 'The credentials do not give access to this object')

export const principalChanged = (expected: string, said: string): AuthError =>
  new AuthError(
    'principal-changed',
    `The server names the user "${said}", and this client is of "${expected}". Make a new SyncClient for that user, or call resume() with credentials of the first. If they are one person, give the \`storage\` the name that the server gives them`,
  )

/** The error of a close after which retrying cannot help. */
export const stopCause = (code: number, said: string): SyncError =>
  code === CloseCode.superseded
    ? new ProtocolError('superseded', said || 'Another page with the same client id has taken over')
    : new ProtocolError('protocol-refused', said || `The server closed the connection with ${code}`)
