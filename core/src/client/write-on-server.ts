import { ProtocolError } from '../errors.ts'

/** Where pages are rendered for others, nothing that is written would be sent. */
export const writeOnServer = (): ProtocolError =>
  new ProtocolError(
    'write-on-server',
    'Nothing is written while a page is rendered on a server. A program that is to sync from here hands its `WebSocket` class to the transport',
  )
