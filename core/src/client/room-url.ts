import { ProtocolError } from '../errors.ts'
import type { UrlProvider } from '../transport/prepare-url.ts'

/** Where rooms are: an address to which the name is appended, or a function that knows the address of each. */
export type RoomUrl = string | ((room: string) => string | Promise<string>)

/**
 * The address of a room: `/<name>` behind the path of the base, its query stays where it was.
 * @throws ProtocolError `room-invalid` for a name that is empty, or that every URL takes for a way up.
 */
export function urlOfRoom(url: RoomUrl, room: string): UrlProvider {
  if (room === '' || room === '.' || room === '..')
    throw new ProtocolError('room-invalid', `"${room}" cannot be the name of a room`)
  if (typeof url === 'function') return () => url(room)
  const [, path = '', rest = ''] = /^([^?#]*)(.*)$/s.exec(url) ?? []
  return `${path.replace(/\/+$/, '')}/${encodeURIComponent(room)}${rest}`
}
