import { decodeShape } from './codec.ts'
import { unpackReceipts } from './packed-receipts.ts'
import { type ChangesFrame, type ServerFrame, serverFrame } from './server-frame.ts'

/**
 * The server frame that `text` says. A file of its own, so that a server does not load the shapes that only a client checks.
 * @throws FrameError naming the field that is wrong.
 */
export function decodeServerFrame(text: string): ServerFrame {
  const frame = decodeShape(serverFrame, text)
  if (frame.type !== 'changes') return frame
  return frame.settled ? { ...frame, settled: unpackReceipts(frame.settled) } : (frame as ChangesFrame)
}
