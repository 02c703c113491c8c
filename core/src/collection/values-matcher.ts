import { columnsOf } from '../wire/canonical-predicate.ts'
import { encodeValue, ValueProblem } from '../wire/encode-value.ts'
import type { Cell, ColumnKind, Predicate, WireValue } from '../wire/index.ts'
import { rowMatcher } from '../wire/row-matcher.ts'

interface Stored {
  readonly cell: Cell
  readonly kind?: ColumnKind
}

/** A value as it would be stored. It describes itself, so nothing needs to be known of its column. */
function storedAs(value: WireValue): Stored {
  if (typeof value === 'boolean') return { cell: value ? 1 : 0, kind: 'boolean' }
  if (typeof value !== 'object' || value === null) return { cell: value }
  if ('date' in value) return { cell: value.date, kind: 'date' }
  if ('json' in value) return { cell: JSON.stringify(value.json), kind: 'json' }
  if ('int' in value) return { cell: value, kind: 'bigint' }
  if ('num' in value) return { cell: Number(value.num) }
  return { cell: value }
}

/**
 * Whether a row in the application's values belongs to `where`, by the law that rows of the server are placed with. A column that the row
 * does not have is the server's to fill: with one of those, it does.
 */
export function valuesMatcher(where: Predicate): (row: object) => boolean {
  const columns = [...columnsOf(where)]
  return (row) => {
    const cells: Cell[] = []
    const kinds: Record<string, ColumnKind> = {}
    for (const column of columns) {
      const value: unknown = (row as Readonly<Record<string, unknown>>)[column]
      const encoded = value === undefined ? undefined : encodeValue(value)
      if (encoded === undefined || encoded instanceof ValueProblem) return true
      const { cell, kind } = storedAs(encoded)
      cells.push(cell)
      if (kind) kinds[column] = kind
    }
    return rowMatcher(where, columns, kinds)(cells)
  }
}
