import type { Receipt } from './outcome.ts'
import { MOST_TOGETHER, type PackedReceipt } from './packed-receipts.ts'

interface Run {
  readonly cid: string
  readonly n: number
  last?: number
}

const continues = ({ cid, n, last = n }: Run, receipt: Receipt): boolean =>
  cid === receipt.cid && last + 1 === receipt.n && receipt.n - n < MOST_TOGETHER

/** Receipts as they travel, in their order. */
export function packReceipts(receipts: readonly Receipt[]): PackedReceipt[] {
  const packed: PackedReceipt[] = []
  let run: Run | undefined
  for (const receipt of receipts) {
    const { cid, n, outcome } = receipt
    if (outcome.is !== 'committed' || outcome.result !== undefined) {
      packed.push(receipt)
      run = undefined
    } else if (run && continues(run, receipt)) run.last = n
    else {
      run = { cid, n }
      packed.push(run)
    }
  }
  return packed
}
