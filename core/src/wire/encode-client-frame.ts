import type { ClientFrame } from './client-frame.ts'
import { packPush } from './pack-push.ts'

/** The text that says `frame`. */
export const encodeClientFrame = (frame: ClientFrame): string =>
  JSON.stringify(frame.type === 'push' ? packPush(frame) : frame)
