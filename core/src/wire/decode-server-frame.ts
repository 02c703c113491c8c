import { decodeShape } from './codec.ts'
import { type ServerFrame, serverFrame } from './server-frame.ts'

/**
 * The server frame that `text` says. A file of its own, so that a server does not load the shapes that only a client checks.
 * @throws FrameError naming the field that is wrong.
 */
export const decodeServerFrame = (text: string): ServerFrame => decodeShape(serverFrame, text)
