import { type ClientFrame, clientFrame } from './client-frame.ts'
import { decodeShape } from './codec.ts'

/**
 * The client frame that `text` says. A file of its own, so that a browser does not load the shapes that only a server checks.
 * @throws FrameError naming the field that is wrong.
 */
export const decodeClientFrame = (text: string): ClientFrame => decodeShape(clientFrame, text)
