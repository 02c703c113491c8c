import { placeCell, placeComparator } from '../wire/cell-order.ts'
import type { Cell, OrderTerm, Place } from '../wire/index.ts'

interface Placed {
  readonly key: string
  readonly place: Place
}

/** The rows of a window in its order. Windows are small: a sorted list is searched by halves, and moved to make room. */
export class HeldPlaces {
  readonly #compare: (a: Place, b: Place) => number
  readonly #byKey = new Map<string, Place>()
  readonly #order: readonly OrderTerm[]
  #sorted: Placed[] = []

  constructor(order: readonly OrderTerm[]) {
    this.#order = order
    this.#compare = placeComparator(order)
  }

  clear(): void {
    this.#byKey.clear()
    this.#sorted = []
  }

  /** Puts the key at `place`. False, and nothing changed, if that is beyond `boundary`; null is no boundary. */
  put(key: string, place: Place, boundary: Place | null): boolean {
    if (boundary && this.#compare(place, boundary) > 0) return false
    const before = this.#byKey.get(key)
    if (before) {
      if (this.#compare(before, place) === 0) return true
      this.#sorted.splice(this.#rank(before), 1)
    }
    this.#byKey.set(key, place)
    this.#sorted.splice(this.#rank(place), 0, { key, place })
    return true
  }

  /** Puts a row where it stands in the order. */
  putRow(key: string, cols: readonly string[], cells: readonly Cell[], boundary: Place | null): boolean {
    const place = this.#order.map(({ column }) => placeCell(cells[cols.indexOf(column)]))
    return this.put(key, [...place, key], boundary)
  }

  drop(key: string): void {
    const place = this.#byKey.get(key)
    if (!place) return
    this.#byKey.delete(key)
    this.#sorted.splice(this.#rank(place), 1)
  }

  /** Keeps the first `size` rows, which must be at least one. Returns the keys of the others, and the place of the last row kept. */
  cut(size: number): { readonly keys: readonly string[]; readonly last: Place } | undefined {
    const last = this.#sorted[size - 1]
    if (!last || this.#sorted.length === size) return undefined
    const keys = this.#sorted.splice(size).map(({ key }) => key)
    for (const key of keys) this.#byKey.delete(key)
    return { keys, last: last.place }
  }

  /** How many rows come before `place`. No two rows have the same: the key is part of it. */
  #rank(place: Place): number {
    let low = 0
    let high = this.#sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      const at = this.#sorted[middle]
      if (at && this.#compare(at.place, place) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
