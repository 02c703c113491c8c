import { packReceipts } from './pack-receipts.ts'
import type { ServerFrame } from './server-frame.ts'

/** The text that says `frame`. */
export const encodeServerFrame = (frame: ServerFrame): string =>
  JSON.stringify(
    frame.type === 'changes' && frame.settled ? { ...frame, settled: packReceipts(frame.settled) } : frame,
  )
