import type { Cell } from './cell.ts'
import type { OrderTerm } from './predicate.ts'

/** Where SQLite sorts the storage classes: nulls, numbers, text, blobs. */
function classOf(cell: Cell): number {
  if (cell === null) return 0
  if (typeof cell === 'number') return 1
  if (typeof cell === 'string') return 2
  return 'int' in cell ? 1 : 3
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

const numberOf = (cell: Cell): number | bigint =>
  typeof cell === 'number' ? cell : BigInt((cell as { int: string }).int)

/** The order in which SQLite sorts two storage values, ascending. */
export function compareCells(a: Cell, b: Cell): number {
  const classes = classOf(a) - classOf(b)
  if (classes !== 0 || a === null || b === null) return classes
  if (typeof a === 'string') return compareText(a, b as string)
  if (typeof a === 'object' && 'hex' in a) {
    const [x, y] = [a.hex.toLowerCase(), (b as { hex: string }).hex.toLowerCase()]
    return x < y ? -1 : x > y ? 1 : 0
  }
  const [x, y] = [numberOf(a), numberOf(b)]
  return x < y ? -1 : x > y ? 1 : 0
}

function compareTerm(a: Cell, b: Cell, { descending, nulls }: OrderTerm): number {
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
export type Place = readonly Cell[]

export const placeComparator =
  (order: readonly OrderTerm[]) =>
  (a: Place, b: Place): number => {
    for (const [i, term] of order.entries()) {
      const difference = compareTerm(a[i] ?? null, b[i] ?? null, term)
      if (difference !== 0) return difference
    }
    return compareCells(a[order.length] ?? null, b[order.length] ?? null)
  }
