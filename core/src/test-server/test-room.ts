import {
  type Block,
  type Cell,
  columnsOf,
  formatPosition,
  type Kinds,
  type OrderTerm,
  type Outcome,
  type Place,
  type Position,
  type PushItem,
  placeComparator,
  type RejectionCode,
  rowMatcher,
  type SubscriptionSpec,
  storedCell,
  type WireOp,
  type WireValues,
} from '../wire/index.ts'

/** A row as it is stored. */
export type StoredRow = Readonly<Record<string, Cell>>

/** A subscription as the object keeps it: what it shows, and where its window ends. */
export interface Served {
  readonly spec: SubscriptionSpec
  boundary: Place | null
}

/** Whoever hears of what changes. */
export interface Listener {
  flush(): void
}

/** A row that was written without the column has nothing in it. */
const cellOf = (row: StoredRow, column: string): Cell =>
  Object.hasOwn(row, column) ? (row[column] ?? null) : null

const COMMITTED: Outcome = { is: 'committed' }
const rejected = (code: RejectionCode, message: string): Outcome => ({ is: 'rejected', code, message })

/** A Durable Object in memory: its tables, the log of their changes, and what became of each write. */
export class TestRoom {
  readonly tables = new Map<string, Map<string, StoredRow>>()
  /** Of the columns of each table. A table may be called as what every object inherits, and so may a column. */
  readonly kinds: Record<string, Kinds> = Object.create(null)
  /** Key columns that are not `id`. */
  readonly keys: Record<string, string> = Object.create(null)
  /** Outcomes by client id and number: a write that comes again is answered with the first. */
  readonly cids = new Map<string, { last: number; outcomes: Map<number, Outcome> }>()
  /** Another one is another history. */
  era = 'a'
  /** What becomes of an item that is new. */
  run: (item: PushItem) => Outcome = (item) => (item.do === 'mutate' ? this.mutate(item.ops) : COMMITTED)
  readonly #listeners = new Set<Listener>()
  readonly #log: { readonly seq: number; readonly table: string; readonly key: string }[] = []
  #seq = 0

  /** How many changes there were. */
  get seq(): number {
    return this.#seq
  }

  get head(): Position {
    return this.position(this.#seq)
  }

  position(seq: number): Position {
    return formatPosition({ seq, nonce: this.era, object: 'room' })
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Everybody hears of what has changed. */
  announce(): void {
    for (const listener of this.#listeners) listener.flush()
  }

  table(name: string): Map<string, StoredRow> {
    const known = this.tables.get(name)
    if (known) return known
    const made = new Map<string, StoredRow>()
    this.tables.set(name, made)
    return made
  }

  keyColumn(table: string): string {
    return this.keys[table] ?? 'id'
  }

  keyOf(table: string, row: StoredRow): string {
    return String(cellOf(row, this.keyColumn(table)))
  }

  /** Values as the table stores them. */
  storedRow(table: string, values: WireValues): StoredRow {
    const kinds = this.kinds[table] ?? {}
    return Object.fromEntries(
      Object.entries(values).map(([column, value]) => [column, storedCell(value, kinds[column])]),
    )
  }

  put(table: string, row: StoredRow): void {
    this.#changed(table, this.keyOf(table, row), row)
  }

  remove(table: string, key: string): void {
    this.#changed(table, key, null)
  }

  /** The keys of rows that have changed since. */
  changedSince(table: string, seq: number): string[] {
    return [...new Set(this.#log.filter((row) => row.table === table && row.seq > seq).map(({ key }) => key))]
  }

  /** What is new is run, in the order of its numbers. Undefined where a number is missing before it. */
  outcomeOf(item: PushItem): Outcome | undefined {
    const { cid, n } = item
    const lane = this.cids.get(cid) ?? { last: 0, outcomes: new Map<number, Outcome>() }
    this.cids.set(cid, lane)
    if (n > lane.last + 1) return undefined
    if (n === lane.last + 1) {
      lane.last = n
      const isExcessive = item.do === 'mutate' && item.excess !== undefined
      const outcome = isExcessive
        ? rejected('too-many-ops', `${item.excess} operations in one mutation are too many`)
        : this.run(item)
      if (outcome.is === 'rejected' || (outcome.is === 'committed' && outcome.result !== undefined))
        lane.outcomes.set(n, outcome)
    }
    return lane.outcomes.get(n) ?? COMMITTED
  }

  /** The number that is expected next. */
  expected(cid: string): number {
    return (this.cids.get(cid)?.last ?? 0) + 1
  }

  /** All operations, or none. */
  mutate(ops: readonly WireOp[]): Outcome {
    const staged = new Map<string, { readonly op: WireOp; readonly row: StoredRow | null }>()
    for (const op of ops) {
      const { collection, type, key, cols = {} } = op
      const name = JSON.stringify([collection, key])
      const earlier = staged.get(name)
      const before = earlier ? earlier.row : this.table(collection).get(key)
      if (type === 'insert' && before)
        return rejected('constraint-failed', `there is a row "${key}" in "${collection}" already`)
      if (type === 'update' && !before) return rejected('row-not-found', 'the row to update does not exist')
      const row = { ...before, ...this.storedRow(collection, cols), [this.keyColumn(collection)]: key }
      staged.set(name, { op, row: type === 'delete' ? null : row })
    }
    for (const { op, row } of staged.values()) this.#changed(op.collection, op.key, row)
    return COMMITTED
  }

  block(table: string, keys: Iterable<string>): Block {
    const rows = this.table(table)
    const present = [...keys].map((key) => rows.get(key)).filter((row) => row !== undefined)
    const cols = [...new Set(present.flatMap((row) => Object.keys(row)))]
    return {
      cols,
      up: present.map((row) => cols.map((column) => cellOf(row, column))),
      del: [...keys].filter((key) => !rows.has(key)),
    }
  }

  /** Whether the row is of the subscription. */
  isOf({ spec, boundary }: Served, row: StoredRow): boolean {
    const { collection, where, window } = spec
    if (where) {
      const cols = [...columnsOf(where)]
      const cells = cols.map((column) => cellOf(row, column))
      if (!rowMatcher(where, cols, this.kinds[collection] ?? {})(cells)) return false
    }
    if (!window || !boundary) return true
    return placeComparator(window.order)(this.placeOf(collection, window.order, row), boundary) <= 0
  }

  /** Rows of the subscription's filter, in its order, behind a place. */
  rowsAfter({ spec }: Served, after: Place | null): StoredRow[] {
    const { collection, window } = spec
    const rows = [...this.table(collection).values()].filter((row) =>
      this.isOf({ spec, boundary: null }, row),
    )
    if (!window) return rows
    const compare = placeComparator(window.order)
    const place = (row: StoredRow) => this.placeOf(collection, window.order, row)
    return rows
      .filter((row) => after === null || compare(place(row), after) > 0)
      .sort((a, b) => compare(place(a), place(b)))
  }

  placeOf(table: string, order: readonly OrderTerm[], row: StoredRow): Place {
    return [...order.map(({ column }) => cellOf(row, column)), this.keyOf(table, row)]
  }

  #changed(table: string, key: string, row: StoredRow | null): void {
    if (row) this.table(table).set(key, row)
    else this.table(table).delete(key)
    this.#log.push({ seq: ++this.#seq, table, key })
  }
}
