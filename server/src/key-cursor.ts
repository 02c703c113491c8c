import { isExact } from './exact-key.ts'
import { bytesOfHex } from './hex-bytes.ts'

/**
 * The key that a page ends at, as text that crosses the network. A key that is no UTF-8 sorts by bytes that its text has lost, so these
 * follow it in hex: `text U+0000 hex`. Every key whose text may have lost something is written so; a text without U+FFFD is the key.
 */
export const cursorOf = (key: string, hex: string): string => (isExact(key) ? key : `${key}\0${hex}`)

/** The cursor of a key that was only read in hex. */
export const cursorOfHex = (hex: string): string => cursorOf(text.decode(bytesOfHex(hex)), hex)

const text = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true })

/** What `CAST(? AS TEXT)` makes the key of. */
export function boundOf(cursor: string): string | ArrayBuffer {
  const at = isExact(cursor) ? -1 : cursor.lastIndexOf('\0')
  const hex = cursor.slice(at + 1)
  return at >= 0 && HEX.test(hex) ? bytesOfHex(hex) : cursor
}

const HEX = /^(?:[0-9A-F]{2})+$/
