import type { Cell } from '@durable-sync/core/wire'
import { cutBlocks } from './frame-text.ts'
import type { LivePredicate, RowFilter } from './live-subscription.ts'
import type { DirtyRow } from './row-reader.ts'
import type { MatchingSet } from './subscription-set.ts'

export interface TableDeltaHost {
  /** The column names as a JSON array. */
  readonly cols: string
  readonly rows: readonly DirtyRow[]
  /** Under which removals are told as digests; null: they name the key. */
  readonly salt: string | null
  /** A row made a filter throw: nobody who shows it can be served, everybody else goes on. */
  failed(error: unknown, filter: RowFilter): void
}

/**
 * What changed in one table since one number. A row is matched once with each filter, and placed once for each boundary, however many
 * sockets show it; the text of a set is made once.
 */
export class TableDelta {
  readonly #host: TableDeltaHost
  readonly #blocks = new Map<string, readonly string[]>()
  readonly #matching = new Map<number, readonly boolean[]>()
  readonly #inside = new Map<string, readonly boolean[]>()
  #cells: readonly (readonly Cell[] | null)[] | undefined
  /** Rows that were matched with a filter, so far. */
  matched = 0

  constructor(host: TableDeltaHost) {
    this.#host = host
  }

  get rows(): number {
    return this.#host.rows.length
  }

  blocks(set: MatchingSet): readonly string[] {
    const made = this.#blocks.get(set.key)
    if (made) return made
    const blocks = cutBlocks(this.#host.cols, this.#rowsOf(set), this.#host.salt)
    this.#blocks.set(set.key, blocks)
    return blocks
  }

  /** A row that belongs to none of the set's predicates is a removal: nobody remembers whether it did before. */
  #rowsOf({ predicates }: MatchingSet): readonly DirtyRow[] {
    const { rows } = this.#host
    if (predicates.length === 0) return rows
    const verdicts = predicates.map((predicate) => this.#verdicts(predicate))
    return rows.map((dirty, i) => (verdicts.some((verdict) => verdict[i]) ? dirty : { ...dirty, row: null }))
  }

  #verdicts(predicate: LivePredicate): readonly boolean[] {
    const known = this.#inside.get(predicate.id)
    if (known) return known
    const matching = this.#matchingRows(predicate.filter)
    const cells = this.#parsed()
    const inside = this.#attempt(predicate.filter, () =>
      matching.map((matches, i) => matches && predicate.isInside(cells[i] ?? [])),
    )
    this.#inside.set(predicate.id, inside)
    return inside
  }

  #matchingRows(filter: RowFilter): readonly boolean[] {
    const known = this.#matching.get(filter.id)
    if (known) return known
    const cells = this.#parsed()
    const matching = this.#attempt(filter, () => cells.map((row) => row !== null && filter.matches(row)))
    this.matched += cells.filter((row) => row !== null).length
    this.#matching.set(filter.id, matching)
    return matching
  }

  /** Nothing is shown of a filter that throws: a flush that fails ends the object. */
  #attempt(filter: RowFilter, judge: () => readonly boolean[]): readonly boolean[] {
    try {
      return judge()
    } catch (error) {
      this.#host.failed(error, filter)
      return this.#host.rows.map(() => false)
    }
  }

  #parsed(): readonly (readonly Cell[] | null)[] {
    this.#cells ??= this.#host.rows.map(({ row }) => (row === null ? null : (JSON.parse(row) as Cell[])))
    return this.#cells
  }
}
