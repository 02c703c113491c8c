import { idText } from './cell.ts'
import { FrameError } from './frame-error.ts'
import { type Outcome, outcome, type Receipt } from './outcome.ts'
import { count, type Infer, optional, struct } from './shape.ts'

/** Receipts as they travel: writes under one client id that were committed one after another, and say no more, are one. */
export const packedReceipt = struct({
  cid: idText,
  n: count(),
  /** So far, if it is of more than one. */
  last: optional(count()),
  /** Absent: committed. */
  outcome: optional(outcome),
})
export type PackedReceipt = Infer<typeof packedReceipt>

/** One receipt is of so many at most: a number must not become a list of any length. */
export const MOST_TOGETHER = 1000

const COMMITTED: Outcome = { is: 'committed' }

/**
 * The receipts of a `changes` frame.
 * @throws FrameError naming the field that is wrong.
 */
export function unpackReceipts(packed: readonly PackedReceipt[]): Receipt[] {
  const receipts: Receipt[] = []
  for (const [i, { cid, n, last = n, outcome }] of packed.entries()) {
    if (last < n || last - n >= MOST_TOGETHER || (outcome && last > n))
      throw new FrameError(`settled[${i}].last must be one of ${MOST_TOGETHER} numbers from ${n} on`)
    if (outcome) receipts.push({ cid, n, outcome })
    else for (let each = n; each <= last; each++) receipts.push({ cid, n: each, outcome: COMMITTED })
  }
  return receipts
}
