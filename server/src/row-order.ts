import { type Cell, type OrderTerm, type Place, placeCell, placeComparator } from '@durable-sync/core/wire'
import type { TableSchema } from './table-schema.ts'

/** The order of a window over one table. */
export class RowOrder {
  readonly terms: readonly OrderTerm[]
  readonly text: string
  /** Negative, zero or positive, as for a sort. */
  readonly compare: (a: Place, b: Place) => number
  /** Where each cell of a place stands in a row. */
  readonly #cells: readonly number[]

  constructor(terms: readonly OrderTerm[], schema: TableSchema) {
    this.terms = terms
    this.text = JSON.stringify(terms)
    this.compare = placeComparator(terms)
    const names = schema.columns.map(({ name }) => name)
    this.#cells = [...terms.map(({ column }) => column), schema.key].map((name) => names.indexOf(name))
  }

  placeOf(cells: readonly Cell[]): Place {
    return this.#cells.map((at) => placeCell(cells[at]))
  }

  /** Whether somebody's `place` can be one of this order: a cell for every term, then a key. */
  has(place: Place): boolean {
    return place.length === this.#cells.length && typeof place.at(-1) === 'string' && isShort(place)
  }
}

/** Every subscription keeps where it ends, and every flush compares it. */
const MAX_PLACE_CHARACTERS = 4096

/** Short enough to be kept: long text in an order would cost every flush. */
export const isShort = (place: Place): boolean => JSON.stringify(place).length <= MAX_PLACE_CHARACTERS
