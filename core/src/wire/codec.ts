import { FrameError } from './frame-error.ts'
import type { Shape } from './shape.ts'

/** Answered by the runtime itself, without waking the object. */
export const PING = 'ping'
export const PONG = 'pong'

/**
 * What `text` says, if it has this shape. Past this line nothing is unknown.
 * @throws FrameError naming the field that is wrong.
 */
export function decodeShape<T>(shape: Shape<T>, text: string): T {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new FrameError('the frame is not JSON', { cause })
  }
  const wrong = shape.check(value, 0)
  if (wrong) throw new FrameError(wrong.in('the frame'))
  return value as T
}

/** The length of `text` in UTF-8, without encoding it. A lone surrogate counts as the three bytes of its replacement. */
export function utf8Bytes(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    if (unit < 0x800) bytes += 1
    else if (unit >= 0xd800 && unit <= 0xdbff && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      bytes += 2
      i++
    } else bytes += 2
  }
  return bytes
}
