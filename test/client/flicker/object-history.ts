import { formatPosition, type Outcome, type Position, parsePosition } from '@durable-sync/core/wire'
import type { ItemRow } from './item-row.ts'

interface CidRecord {
  readonly last: number
  readonly outcomes: ReadonlyMap<number, Outcome>
  readonly retired: boolean
}

const UNKNOWN: CidRecord = { last: 0, outcomes: new Map(), retired: false }

interface Era {
  readonly first: number
  readonly nonce: string
}

interface Stored {
  readonly rows: ReadonlyMap<string, ItemRow>
  readonly log: readonly { readonly seq: number; readonly key: string }[]
  readonly eras: readonly Era[]
  readonly head: number
  readonly prunedThrough: number
  readonly cids: ReadonlyMap<string, CidRecord>
  /** Tags of the writes that ran, in order. */
  readonly ran: readonly string[]
}

/** What the object has in its storage. Everything is immutable, so that a restore is an assignment. */
export class ObjectHistory {
  #now: Stored = {
    rows: new Map(),
    log: [],
    eras: [{ first: 0, nonce: 'era0' }],
    head: 0,
    prunedThrough: 0,
    cids: new Map(),
    ran: [],
  }
  #eras = 0
  #copy: Stored | undefined
  #eraIs: 'current' | 'over' = 'current'

  get rows(): ReadonlyMap<string, ItemRow> {
    return this.#now.rows
  }

  get ran(): readonly string[] {
    return this.#now.ran
  }

  get head(): Position {
    return this.at(this.#now.head)
  }

  at(seq: number): Position {
    const era = this.#now.eras.findLast(({ first }) => first <= seq)
    return formatPosition({ seq, nonce: era?.nonce ?? '', object: 'object' })
  }

  /** Why the position cannot be gone on from; undefined when it can. */
  problem(position: Position): 'lineage' | 'pruned' | undefined {
    const seq = parsePosition(position)?.seq ?? 0
    if (seq < this.#now.prunedThrough) return 'pruned'
    return seq > this.#now.head || this.at(seq) !== position ? 'lineage' : undefined
  }

  /** Keys that have changed behind the position. */
  since(position: Position): string[] {
    const seq = parsePosition(position)?.seq ?? 0
    return [...new Set(this.#now.log.filter((row) => row.seq > seq).map(({ key }) => key))]
  }

  set(key: string, row: ItemRow | null): void {
    const { rows, log, eras, head } = this.#now
    const seq = head + 1
    const next = new Map(rows)
    if (row) next.set(key, row)
    else next.delete(key)
    const begun = this.#eraIs === 'over' ? [{ first: seq, nonce: `era${++this.#eras}` }] : []
    this.#eraIs = 'current'
    this.#now = {
      ...this.#now,
      rows: next,
      log: [...log, { seq, key }],
      eras: [...eras, ...begun],
      head: seq,
    }
  }

  /** What follows happens whole, or not at all when it returns false. */
  atomically(run: () => boolean): boolean {
    const before = this.#now
    const done = run()
    if (!done) this.#now = before
    return done
  }

  prune(): void {
    this.#now = { ...this.#now, log: this.#now.log.slice(-1), prunedThrough: this.#now.head }
  }

  /** Copies the storage, to be restored later. */
  copy(): void {
    this.#copy = this.#now
  }

  /** Goes back to the copy. What is written from here on is another history. Returns whether there was one. */
  restore(): boolean {
    if (!this.#copy) return false
    this.#now = this.#copy
    this.#eraIs = 'over'
    return true
  }

  cid(cid: string): CidRecord | undefined {
    return this.#now.cids.get(cid)
  }

  decide(cid: string, n: number, outcome: Outcome, tags: readonly string[]): void {
    const known = this.cid(cid) ?? UNKNOWN
    const outcomes = outcome.is === 'committed' ? known.outcomes : new Map(known.outcomes).set(n, outcome)
    this.#setCid(cid, { ...known, last: n, outcomes })
    if (outcome.is === 'committed') this.#now = { ...this.#now, ran: [...this.#now.ran, ...tags] }
  }

  forget(cid: string, seen: number): void {
    const known = this.cid(cid)
    if (!known) return
    this.#setCid(cid, { ...known, outcomes: new Map([...known.outcomes].filter(([n]) => n > seen)) })
  }

  retire(cid: string): void {
    this.#setCid(cid, { ...(this.cid(cid) ?? UNKNOWN), retired: true })
  }

  #setCid(cid: string, record: CidRecord): void {
    this.#now = { ...this.#now, cids: new Map(this.#now.cids).set(cid, record) }
  }
}
