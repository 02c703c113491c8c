import type { Cell, PlaceCell } from './cell.ts'
import type { OrderTerm } from './predicate.ts'

/** Where SQLite sorts the storage classes: nulls, numbers, text, blobs. */
function classOf(cell: PlaceCell): number {
  if (cell === null) return 0
  if (typeof cell === 'number') return 1
  if (typeof cell === 'string') return 2
  return 'hex' in cell ? 3 : 1
}

/** A UTF-16 unit as UTF-8 sorts it: surrogates stand for characters above U+FFFF and come after U+E000 to U+FFFF. */
const rankOf = (unit: number): number => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800)

/** Text by code point, which is SQLite's BINARY. JavaScript's own `<` differs for characters above U+FFFF. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const difference = a.charCodeAt(i) - b.charCodeAt(i)
    if (difference !== 0) return rankOf(a.charCodeAt(i)) - rankOf(b.charCodeAt(i))
  }
  return a.length - b.length
}

function numberOf(cell: Exclude<PlaceCell, null | string | { hex: string }>): number | bigint {
  if (typeof cell === 'number') return cell
  return 'int' in cell ? BigInt(cell.int) : Number(cell.num)
}

/** A cell as it stands in a place: JSON has no infinite numbers. */
export function placeCell(cell: Cell | undefined): PlaceCell {
  if (cell === Number.POSITIVE_INFINITY) return { num: 'Infinity' }
  return cell === Number.NEGATIVE_INFINITY ? { num: '-Infinity' } : (cell ?? null)
}

/** The order in which SQLite sorts two storage values, ascending. */
export function compareCells(a: PlaceCell, b: PlaceCell): number {
  const classes = classOf(a) - classOf(b)
  if (classes !== 0 || a === null || b === null) return classes
  if (typeof a === 'string') return compareText(a, b as string)
  if (typeof a === 'object' && 'hex' in a) {
    const [x, y] = [a.hex.toLowerCase(), (b as { hex: string }).hex.toLowerCase()]
    return x < y ? -1 : x > y ? 1 : 0
  }
  const [x, y] = [numberOf(a as number), numberOf(b as number)]
  return x < y ? -1 : x > y ? 1 : 0
}

function compareTerm(a: PlaceCell, b: PlaceCell, { descending, nulls }: OrderTerm): number {
  if (a === null || b === null) {
    if (a === b) return 0
    return (a === null) === (nulls === 'first') ? -1 : 1
  }
  return descending ? compareCells(b, a) : compareCells(a, b)
}

/**
 * Where a row stands in an order: the cells of the order's columns, then the key. Law: the key breaks ties, by code point, ascending,
 * whatever the direction of the terms. That is TanStack's own tie-break, but for characters above U+FFFF, which it sorts by UTF-16 unit.
 */
export type Place = readonly PlaceCell[]

export const placeComparator =
  (order: readonly OrderTerm[]) =>
  (a: Place, b: Place): number => {
    for (const [i, term] of order.entries()) {
      const difference = compareTerm(a[i] ?? null, b[i] ?? null, term)
      if (difference !== 0) return difference
    }
    return compareCells(a[order.length] ?? null, b[order.length] ?? null)
  }
