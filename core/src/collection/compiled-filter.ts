import type { Cell, Kinds, Predicate } from '../wire/index.ts'
import { rowMatcher } from '../wire/row-matcher.ts'

/** Whether rows belong to a filter. It is compiled once for frames that name the same columns. */
export class CompiledFilter {
  readonly #where: Predicate
  #cols: readonly string[] = []
  #kinds: Kinds | undefined
  #matches: (cells: readonly Cell[]) => boolean = () => true

  constructor(where: Predicate) {
    this.#where = where
  }

  matches(cols: readonly string[], cells: readonly Cell[], kinds: Kinds): boolean {
    if (this.#kinds !== kinds || !isSame(this.#cols, cols)) {
      this.#cols = cols
      this.#kinds = kinds
      this.#matches = rowMatcher(this.#where, cols, kinds)
    }
    return this.#matches(cells)
  }
}

/** Every frame brings a list of its own, which says the same as the one before. */
const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a === b || (a.length === b.length && a.every((column, i) => column === b[i]))
