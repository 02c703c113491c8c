import type { Cell, Kinds, Place, Predicate } from '../wire/index.ts'
import type { CompiledFilter } from './compiled-filter.ts'
import { FILTERS } from './filter-part.ts'
import type { HeldPlaces } from './held-places.ts'

/** What became of a key in a subset. */
export type Placed = 'came' | 'stayed' | 'left' | 'never'

/**
 * The keys of one subscription's rows. Whether a row is one of them is decided here, by the law that the server decides with: the server
 * sends a row once, whichever subscriptions it belongs to.
 */
export class HeldSubset {
  readonly where: Predicate | undefined
  readonly #keys = new Set<string>()
  readonly #places: HeldPlaces | undefined
  #boundary: Place | null = null
  #joined: 'no' | 'once' = 'no'
  #filter: CompiledFilter | undefined

  /** Without `where`, every row is one of them. With `places`, those up to the boundary of a window. */
  constructor(where?: Predicate, places?: HeldPlaces) {
    this.where = where
    this.#places = places
  }

  get size(): number {
    return this.#keys.size
  }

  /** Every row is one of them. */
  get takesAll(): boolean {
    return this.where === undefined && this.#places === undefined
  }

  /** Whether it has every row of its filter that the server has. */
  get isWhole(): boolean {
    return this.#joined === 'once' && this.#boundary === null
  }

  has(key: string): boolean {
    return this.#keys.has(key)
  }

  keys(): IterableIterator<string> {
    return this.#keys.values()
  }

  /** From here on a window ends there; null is no end. */
  endAt(boundary: Place | null): void {
    this.#boundary = boundary
  }

  /** Takes everything out: the rows that come now are the whole set. Returns the keys that were in. */
  restart(): readonly string[] {
    const before = [...this.#keys]
    this.#keys.clear()
    this.#places?.clear()
    this.#joined = 'once'
    return before
  }

  /** Whether its first `wanted` rows are held, or all of them where it has fewer, or has no order. */
  covers(wanted: number): boolean {
    return this.#joined === 'once' && (this.#boundary === null || this.#keys.size >= wanted)
  }

  /** Of a subset that takes all: the row is in. True if it was not before. */
  add(key: string): boolean {
    const before = this.#keys.size
    this.#keys.add(key)
    return this.#keys.size > before
  }

  /** Puts the row where it belongs now: in, or out. */
  put(key: string, cols: readonly string[], cells: readonly Cell[], kinds: Kinds): Placed {
    const inside =
      this.#matches(cols, cells, kinds) &&
      (!this.#places || this.#places.putRow(key, cols, cells, this.#boundary))
    if (!inside) return this.drop(key) ? 'left' : 'never'
    return this.add(key) ? 'came' : 'stayed'
  }

  /** True if the key was in. */
  drop(key: string): boolean {
    this.#places?.drop(key)
    return this.#keys.delete(key)
  }

  /** Cuts a window down to its first `size` rows. Returns the keys of the others, and the place of its last row. */
  cut(size: number) {
    const cut = this.#places?.cut(size)
    if (!cut) return undefined
    for (const key of cut.keys) this.#keys.delete(key)
    this.#boundary = cut.last
    return cut
  }

  /** Until there is code for filters, nothing comes but rows that came with the page, and those belong. */
  #matches(cols: readonly string[], cells: readonly Cell[], kinds: Kinds): boolean {
    if (!this.where || !FILTERS.there) return true
    this.#filter ??= new FILTERS.there.CompiledFilter(this.where)
    return this.#filter.matches(cols, cells, kinds)
  }
}
