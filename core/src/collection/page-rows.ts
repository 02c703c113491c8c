import type { StoredShape } from '../persistence/room-storage.ts'
import type { SubscriptionSpec } from '../wire/index.ts'
import type { CollectionHost } from './collection-host.ts'
import type { RowLookup } from './collection-options-shape.ts'
import { mergedMeta, metaOf, NOWHERE, placedRows, type SyncMeta, syncMetaOf } from './sync-meta.ts'

/** How the rows of the run that is going on are taken out. */
interface Run {
  readonly rows: () => ReadonlyMap<string, object>
  readonly takeOut: (keys: Iterable<string>) => void
  /** Puts them in, and holds none of them. Returns their keys. */
  readonly show: (shape: StoredShape) => readonly string[]
}

/** Rows that are shown before anybody can hold them, and how many want that. */
interface Shown {
  readonly keys: readonly string[]
  wanted: number
}

/**
 * Rows that somebody else puts into a collection: TanStack DB's `DbClient`, with those that a server has rendered. Laws:
 *
 * 1. They are shown from the first moment, and go on from their place if that is known.
 * 2. Those that the server does not have leave as soon as the collection is live, and not before.
 * 3. A place is exported only where nothing has moved since: of rows that a server was given, or that have been imported and not yet fed.
 */
export class PageRows {
  /** Where the rows are; undefined when nobody has said, or they have moved. */
  #meta: SyncMeta | undefined
  /** Keys that nobody here has brought. */
  #seeds: ReadonlySet<string> = new Set()
  #run: Run | undefined
  readonly #shown = new Map<StoredShape, Shown>()
  /** Whether rows have come under a run, which may become visible with any transaction that ends. */
  #repairs: 'none' | 'due' = 'none'
  readonly #report: (error: unknown) => void

  constructor(report: (error: unknown) => void) {
    this.#report = report
  }

  readonly exportSyncMeta = (): unknown => this.#meta

  readonly importSyncMeta = (given: unknown): void => {
    const run = this.#run
    if (!run) {
      this.#meta = this.#read(given)
      return
    }
    // The collection is fed already, and knows better: what the page has and nobody holds was there before it began.
    this.#repairs = 'due'
    run.takeOut(run.rows().keys())
  }

  /** While a transaction persists, the page's rows are held back like all others. */
  retired(): void {
    if (this.#repairs === 'due') this.#run?.takeOut(this.#run.rows().keys())
  }

  readonly mergeSyncMeta = (current: unknown, incoming: unknown): unknown =>
    mergedMeta(this.#read(current), this.#read(incoming))

  /** The collection is fed from here on, until what is returned is called. */
  begin(collection: RowLookup, feed: Omit<Run, 'rows'>): () => void {
    const rows = () => rowsOf(collection)
    const run = { rows, ...feed }
    this.#run = run
    this.#seeds = new Set(rows().keys())
    return () => {
      if (this.#run !== run) return
      this.#run = undefined
      this.#meta = undefined
      this.#seeds = new Set()
      this.#shown.clear()
      this.#repairs = 'none'
    }
  }

  /** What is shown of these rows at first; undefined when nothing is, or nobody knows where it is. */
  of(spec: SubscriptionSpec, host: Pick<CollectionHost, 'place' | 'given'>): StoredShape | undefined {
    const shape = this.#placed(spec) ?? host.given(spec)
    // In a browser they begin to move.
    this.#meta = shape && host.place === 'server' ? metaOf(shape) : undefined
    return shape
  }

  /** Shows them before anybody can hold them. What is returned takes out those that nobody does by then, or still wants to be shown. */
  show(shape: StoredShape): () => void {
    const run = this.#run
    if (!run) return () => {}
    const shown = this.#shown.get(shape) ?? { keys: run.show(shape), wanted: 0 }
    this.#shown.set(shape, shown)
    this.#seeds = new Set([...this.#seeds, ...shown.keys])
    shown.wanted++
    return () => {
      shown.wanted--
      if (shown.wanted === 0 && this.#run === run) this.#hide(shape, run)
    }
  }

  #hide(shape: StoredShape, run: Run): void {
    const keys = this.#shown.get(shape)?.keys ?? []
    this.#shown.delete(shape)
    const others = new Set([...this.#shown.values()].flatMap((other) => other.keys))
    try {
      run.takeOut(keys.filter((key) => !others.has(key)))
    } catch (error) {
      // Of a listener of the application.
      this.#report(error)
    }
  }

  /** The rows are the server's. */
  settle(): void {
    if (this.#seeds.size === 0) return
    const seeds = this.#seeds
    this.#seeds = new Set()
    this.#run?.takeOut(seeds)
  }

  #placed(spec: SubscriptionSpec): StoredShape | undefined {
    if (!this.#meta || !this.#run) return undefined
    try {
      return placedRows(spec, this.#meta, this.#run.rows().values())
    } catch (error) {
      this.#report(error)
      return undefined
    }
  }

  #read(given: unknown): SyncMeta {
    try {
      return syncMetaOf(given)
    } catch (error) {
      this.#report(error)
      return NOWHERE
    }
  }
}

/** What is there. Before a run nothing of it is a write of this page: a write starts the run. */
const rowsOf = (collection: RowLookup): ReadonlyMap<string, object> =>
  new Map([...(collection.entries?.() ?? [])].map(([key, row]) => [String(key), row]))
