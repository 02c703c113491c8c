import { ConnectionError, ProtocolError } from '../errors.ts'
import type { ServerFrame } from '../wire/index.ts'
import { MIN_SUPPORTED_VERSION } from '../wire/version.ts'
import type { SessionEvent } from './session-state.ts'

/** What the first frame of a socket means. Anything but an answer to hello is a violation of the protocol. */
export function eventOfGreeting(socket: number, frame: ServerFrame): SessionEvent {
  if (frame.type === 'welcome') {
    if (frame.v >= MIN_SUPPORTED_VERSION) return { type: 'welcomed', socket, frame }
    const cause = new ProtocolError(
      'version-unsupported',
      `The server speaks version ${frame.v} of the protocol`,
    )
    return { type: 'refused', socket, cause }
  }
  if (frame.type === 'refused') {
    const { code, message } = frame
    const passing = code === 'internal' || code === 'busy'
    return {
      type: 'refused',
      socket,
      cause: passing ? new ConnectionError(code, message) : new ProtocolError(code, message),
    }
  }
  const cause = new ProtocolError('frame-invalid', `The server sent "${frame.type}" before its welcome`)
  return { type: 'broken', socket, cause }
}
