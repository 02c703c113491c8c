import type { FoldedRow } from '../stream/fold-blocks.ts'
import type { Block } from '../wire/index.ts'
import { isBlock } from './log-record.ts'

/** Measured: 500 rows a record are 24 times cheaper to write than one, and 6 times cheaper to read; more gain nothing. */
const ROWS = 500
const BYTES = 128 * 1024

interface OpenSegment {
  readonly head: string
  rows: string[]
  bytes: number
}

const closed = ({ head, rows }: OpenSegment): string => `${head}${rows.join()}],"del":[]}`

/** The rows as JSON texts of blocks, each of at most 500 rows or 128 KiB, unless one row is larger. */
export function encodeSegments(rows: Iterable<FoldedRow>): string[] {
  const done: string[] = []
  const open = new Map<string, OpenSegment>()
  const byColumns = new Map<readonly string[], OpenSegment>()
  const openFor = (cols: readonly string[]): OpenSegment => {
    const head = `{"cols":${JSON.stringify(cols)},"up":[`
    const segment = open.get(head) ?? { head, rows: [], bytes: 0 }
    open.set(head, segment)
    byColumns.set(cols, segment)
    return segment
  }
  for (const { cols, cells } of rows) {
    const segment = byColumns.get(cols) ?? openFor(cols)
    const text = JSON.stringify(cells)
    if (segment.rows.length >= ROWS || (segment.rows.length > 0 && segment.bytes + text.length > BYTES)) {
      done.push(closed(segment))
      segment.rows = []
      segment.bytes = 0
    }
    segment.rows.push(text)
    segment.bytes += text.length
  }
  for (const segment of open.values()) if (segment.rows.length > 0) done.push(closed(segment))
  return done
}

/** @throws when it is not what was written. */
export function decodeSegment(text: string): Block {
  const block = JSON.parse(text) as Block
  if (!isBlock(block)) throw new SyntaxError('not a segment')
  return block
}
