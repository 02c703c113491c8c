import { type FoldedRow, foldBlocks } from '../stream/fold-blocks.ts'
import { placeComparator } from '../wire/cell-order.ts'
import type { Block, Kinds, Place, Position } from '../wire/index.ts'
import { digestKey } from '../wire/key-digest.ts'
import { rowMatcher } from '../wire/row-matcher.ts'
import type { Boundary, ShapeHeader } from './room-storage.ts'
import { historyOf } from './shape-node.ts'

type Description = Pick<ShapeHeader, 'spec' | 'keyColumn' | 'kinds'>

/** The rows of one shape while blocks are applied to them, one after the other. */
export class ShapeFold {
  readonly #shape: Description
  readonly #rows = new Map<string, FoldedRow>()

  constructor(shape: Description) {
    this.#shape = shape
  }

  /** Blocks that belong together; `at` is the position under which their keys are digested. */
  apply(blocks: readonly Block[], at: Position): void {
    const rows = this.#rows
    const salt = historyOf(at)
    const { up, del, gone } = foldBlocks(blocks, this.#shape.keyColumn, salt)
    for (const key of del) rows.delete(key)
    if (gone.size > 0) for (const key of rows.keys()) if (gone.has(digestKey(salt, key))) rows.delete(key)
    for (const [key, row] of up) rows.set(key, row)
  }

  /**
   * A window ends there from here on. Rows beyond are forgotten at once: while it was narrow the server said nothing of them, so that a
   * later page must not find them still here.
   */
  endAt(boundary: Boundary): void {
    if (!boundary) return
    const beyond = beyondBoundary(this.#shape, boundary)
    for (const [key, row] of this.#rows) if (beyond(key, row)) this.#rows.delete(key)
  }

  /** The rows that are of the shape. A frame says a row once, to all shapes of its table. */
  *rows(): Generator<FoldedRow> {
    const { spec, kinds } = this.#shape
    const matches = spec.where && matcher(spec.where, kinds)
    for (const row of this.#rows.values()) if (!matches || matches(row)) yield row
  }
}

function beyondBoundary({ spec }: Description, boundary: Place): (key: string, row: FoldedRow) => boolean {
  const order = spec.window?.order ?? []
  const compare = placeComparator(order)
  return (key, { cols, cells }) => {
    const place = order.map(({ column }) => cells[cols.indexOf(column)] ?? null)
    return compare([...place, key], boundary) > 0
  }
}

/** Rows that arrived together share their columns, and the predicate is compiled for those. */
function matcher(
  where: NonNullable<Description['spec']['where']>,
  kinds: Kinds,
): (row: FoldedRow) => boolean {
  const compiled = new Map<readonly string[], ReturnType<typeof rowMatcher>>()
  return ({ cols, cells }) => {
    const matches = compiled.get(cols) ?? rowMatcher(where, cols, kinds)
    compiled.set(cols, matches)
    return matches(cells)
  }
}
