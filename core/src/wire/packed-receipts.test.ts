import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeServerFrame } from './decode-server-frame.ts'
import { encodeServerFrame } from './encode-server-frame.ts'
import type { Outcome, Receipt } from './outcome.ts'
import { packReceipts } from './pack-receipts.ts'
import { type PackedReceipt, unpackReceipts } from './packed-receipts.ts'
import { formatPosition } from './position.ts'

const outcomes = fc.constantFrom<Outcome>(
  { is: 'committed' },
  { is: 'committed' },
  { is: 'committed', result: null },
  { is: 'rejected', code: 'denied', message: 'no' },
  { is: 'skipped' },
)
const receipts: fc.Arbitrary<Receipt[]> = fc.array(
  fc.record({ cid: fc.constantFrom('a', 'b'), n: fc.integer({ min: 1, max: 6 }), outcome: outcomes }),
)
const committed = (n: number): Receipt => ({ cid: 'a', n, outcome: { is: 'committed' } })
const upTo = (last: number) => Array.from({ length: last }, (_, i) => committed(i + 1))

describe('receipts', () => {
  test('are the same ones in the same order after their way', () => {
    const to = formatPosition({ seq: 1, nonce: 'a', object: 'o' })
    fc.assert(
      fc.property(receipts, (settled) => {
        const frame = { type: 'changes', from: null, to, tables: {}, settled } as const
        expect(decodeServerFrame(encodeServerFrame(frame))).toEqual(frame)
      }),
      { numRuns: 1000 },
    )
  })

  test('of writes that were committed one after another are one', () => {
    expect(packReceipts(upTo(50))).toEqual([{ cid: 'a', n: 1, last: 50 }])
    expect(packReceipts([committed(7)])).toEqual([{ cid: 'a', n: 7 }])
    expect(packReceipts([committed(1), committed(3), committed(2)])).toEqual([
      { cid: 'a', n: 1 },
      { cid: 'a', n: 3 },
      { cid: 'a', n: 2 },
    ])
  })

  test('are of a thousand writes at most, in either direction', () => {
    expect(packReceipts(upTo(2001)).map(({ n, last }) => [n, last])).toEqual([
      [1, 1000],
      [1001, 2000],
      [2001, undefined],
    ])
    expect(unpackReceipts(packReceipts(upTo(2001)))).toEqual(upTo(2001))
  })

  test.each<[string, PackedReceipt]>([
    ['of more writes', { cid: 'a', n: 1, last: 1001 }],
    ['of endless writes', { cid: 'a', n: 0, last: Number.MAX_SAFE_INTEGER }],
    ['of fewer than one', { cid: 'a', n: 2, last: 1 }],
    ['of several rejections', { cid: 'a', n: 1, last: 2, outcome: { is: 'skipped' } }],
  ])('%s are refused', (_, packed) => {
    expect(() => unpackReceipts([committed(1), packed])).toThrow(
      'settled[1].last must be one of 1000 numbers from',
    )
  })
})
