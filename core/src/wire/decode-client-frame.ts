import { type ClientFrame, clientFrame } from './client-frame.ts'
import { decodeShape } from './codec.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { type PushLimits, unpackPush } from './unpack-push.ts'

/**
 * The client frame that `text` says, read by a server with these limits. A file of its own, so that a browser does not load the shapes that only a server checks.
 * @throws FrameError naming the field that is wrong.
 */
export function decodeClientFrame(text: string, limits: PushLimits = DEFAULT_LIMITS): ClientFrame {
  const frame = decodeShape(clientFrame, text)
  return frame.type === 'push' ? unpackPush(frame, limits) : frame
}
