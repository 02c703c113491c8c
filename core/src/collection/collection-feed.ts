import type { SyncError } from '../errors.ts'
import type { StoredShape } from '../persistence/room-storage.ts'
import { foldBlocks } from '../stream/fold-blocks.ts'
import type { Applied, RowGroup, RowPart, RowSink, WindowMeasure } from '../stream/row-commit.ts'
import type { Predicate } from '../wire/index.ts'
import { HeldRows, type SubsetCommit } from './held-rows.ts'
import type { HeldSubset } from './held-subset.ts'
import type { SyncWriter } from './sync-writer.ts'

/** Brings the rows of all subscriptions of one collection into it: those of one frame in one commit. */
export class CollectionFeed<Row extends object> implements RowGroup {
  readonly #writer: SyncWriter<Row>
  readonly #rows = new HeldRows()
  readonly #subsets = new Map<RowSink, HeldSubset>()

  constructor(writer: SyncWriter<Row>) {
    this.#writer = writer
  }

  /** Rows shown, subscriptions, and rows that have arrived. */
  get counts(): { rows: number; subscriptions: number; received: number } {
    const { size, subsets, received } = this.#rows
    return { rows: size, subscriptions: subsets, received }
  }

  /** Why no row will ever be shown; undefined while rows can be. */
  get broken(): SyncError | undefined {
    return this.#writer.broken
  }

  /** The filters of which every row is held; undefined for all rows. */
  get wholes(): readonly (Predicate | undefined)[] {
    return this.#rows.wholes
  }

  /** Rows that were not brought by anybody here leave unless they are held. */
  takeOut(keys: Iterable<string>): void {
    this.#writer.remove([...keys].filter((key) => !this.#rows.holds(key)))
  }

  /** Rows that came with the page are shown, and held by nobody. Returns their keys. A listener of the application that throws is reported. */
  show({ blocks, keyColumn: key, kinds }: StoredShape, report: (error: unknown) => void): readonly string[] {
    if (this.#writer.misfit({ blocks, key, kinds })) return []
    const { up } = foldBlocks(blocks, key, '')
    try {
      this.#writer.write({ up, del: [], told: (name) => up.get(name) }, key, kinds)
    } catch (error) {
      report(error)
    }
    return [...up.keys()]
  }

  /** `sink` is fed from here on. */
  add(sink: RowSink, ...of: ConstructorParameters<typeof HeldSubset>): HeldSubset {
    const subset = this.#rows.add(...of)
    this.#subsets.set(sink, subset)
    return subset
  }

  /** The sinks are fed no more. Rows that only they held leave, all in one commit. */
  release(sinks: readonly RowSink[]): void {
    const subsets = sinks.map((sink) => this.#subsets.get(sink)).filter((subset) => subset !== undefined)
    for (const sink of sinks) this.#subsets.delete(sink)
    this.#writer.remove(this.#rows.release(subsets))
  }

  apply(parts: readonly RowPart[]): Applied {
    const commits: SubsetCommit[] = []
    const at: number[] = []
    for (const [i, { sink, commit }] of parts.entries()) {
      const subset = this.#subsets.get(sink)
      if (!subset) continue
      commits.push({ subset, commit })
      at.push(i)
    }
    const [first] = commits
    const measures: (WindowMeasure | null)[] = parts.map(() => null)
    if (!first || this.#writer.broken) return { measures, thrown: undefined }
    const { key, kinds, from } = first.commit
    // The server has the rows as well: what is said of them must not break the collection for good.
    const misfit = from === 'device' ? this.#writer.misfit(first.commit) : undefined
    if (misfit) return { measures, thrown: { error: misfit, rows: 'left out' } }
    const changes = this.#rows.apply(commits)
    for (const [n, i] of at.entries()) measures[i] = changes.measures[n] ?? null
    try {
      this.#writer.write(changes, key, kinds)
    } catch (error) {
      return { measures, thrown: { error } }
    }
    return { measures, thrown: undefined }
  }
}
