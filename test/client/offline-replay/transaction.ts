import type { Kind, PageGate } from './page-gate.ts'
import {
  EMPTY,
  type Key,
  recordsBy,
  recordsOf,
  type Tables,
  type Wanted,
  withoutRecords,
  withRecord,
} from './stored-tables.ts'

type Op =
  | { readonly do: 'put' | 'add'; readonly key: Key | undefined; readonly value: unknown }
  | { readonly do: 'delete'; readonly wanted: Wanted }
  | { readonly do: 'read'; readonly read: (tables: Tables) => unknown }
interface Asked {
  readonly store: string
  readonly op: Op
  readonly request: Request
}
export type Durability = 'relaxed' | 'strict'
type Handler = ((event: Event) => void) | null

export abstract class Emitter extends EventTarget {
  emit(type: string, fields: object = {}): void {
    const event = Object.assign(new Event(type), fields)
    const handler = Reflect.get(this, `on${type}`) as Handler | undefined
    handler?.(event)
    this.dispatchEvent(event)
  }
}

/** One database on the disk. */
export class DatabaseFile {
  tables: Tables = new Map()
  /** What it was before each transaction that is not on the disk yet. */
  unsynced: { readonly before: Tables; readonly kind: Kind }[] = []

  commit(tables: Tables, kind: Kind, durability: Durability): void {
    this.unsynced = durability === 'strict' ? [] : [...this.unsynced, { before: this.tables, kind }]
    this.tables = tables
  }
}

export class Request extends Emitter {
  result: unknown
  error: DOMException | null = null
  transaction: Transaction | null = null
  onsuccess: Handler = null
  onerror: Handler = null
}

export class Cursor {
  advance(): void {}
  continue(): void {}
  continuePrimaryKey(): void {}
}

export class Index {
  readonly #store: ObjectStore
  readonly #name: string

  constructor(store: ObjectStore, name: string) {
    this.#store = store
    this.#name = name
  }

  getAll(wanted?: Wanted): Request {
    return this.#read(wanted, (records) => records.map(([, value]) => value))
  }

  getAllKeys(wanted?: Wanted): Request {
    return this.#read(wanted, (records) => records.map(([key]) => key))
  }

  getKey(wanted: Wanted): Request {
    return this.#read(wanted, (records) => records[0]?.[0])
  }

  #read(wanted: Wanted, of: (records: ReturnType<typeof recordsBy>) => unknown): Request {
    const { name, transaction } = this.#store
    const read = (tables: Tables) => of(recordsBy(tables, name, this.#name, wanted))
    return transaction.ask(name, { do: 'read', read })
  }
}

export class ObjectStore {
  readonly name: string
  readonly transaction: Transaction

  constructor(name: string, transaction: Transaction) {
    this.name = name
    this.transaction = transaction
  }

  index(name: string): Index {
    return new Index(this, name)
  }

  createIndex(name: string, of: string, { unique = false }: { readonly unique?: boolean } = {}): Index {
    this.transaction.define(this.name, name, { of, unique })
    return new Index(this, name)
  }

  put(value: unknown, key?: Key): Request {
    return this.transaction.ask(this.name, { do: 'put', key, value })
  }

  add(value: unknown, key?: Key): Request {
    return this.transaction.ask(this.name, { do: 'add', key, value })
  }

  delete(wanted: Wanted): Request {
    return this.transaction.ask(this.name, { do: 'delete', wanted })
  }

  clear(): Request {
    return this.transaction.ask(this.name, { do: 'delete', wanted: undefined })
  }

  get(wanted: Wanted): Request {
    return this.#read(wanted, (records) => records[0]?.[1])
  }

  getKey(wanted: Wanted): Request {
    return this.#read(wanted, (records) => records[0]?.[0])
  }

  getAll(wanted?: Wanted): Request {
    return this.#read(wanted, (records) => records.map(([, value]) => value))
  }

  getAllKeys(wanted?: Wanted): Request {
    return this.#read(wanted, (records) => records.map(([key]) => key))
  }

  #read(wanted: Wanted, of: (records: ReturnType<typeof recordsOf>) => unknown): Request {
    const read = (tables: Tables) => of(recordsOf(tables, this.name, wanted))
    return this.transaction.ask(this.name, { do: 'read', read })
  }
}

/** What a transaction is in the words of the model: see `page-gate.ts`. */
function kindOf(asked: readonly Asked[]): Kind {
  const does = (store: string, ...how: readonly Op['do'][]) =>
    asked.some((each) => each.store === store && how.includes(each.op.do))
  if (does('writes', 'add')) return 'store'
  const isFold = does('heads', 'add') && !does('used', 'put')
  const keeps = does('heads', 'add') || does('log', 'put') || does('thru', 'put') || does('failed', 'put')
  if (isFold) return 'compacted'
  if (keeps || does('writes', 'delete')) return 'flush'
  return does('marks', 'put') ? 'mark' : 'kept'
}

/** What the transactions of a page fail with, by their kind. */
const failures = new WeakMap<PageGate, (kind: Kind) => DOMException | undefined>()

/** Lets transactions of a page fail: `undefined` is none. */
export function failWith(
  gate: PageGate,
  failure: ((kind: Kind) => DOMException | undefined) | undefined,
): void {
  if (failure) failures.set(gate, failure)
  else failures.delete(gate)
}

export class Transaction extends Emitter {
  readonly objectStoreNames: readonly string[]
  readonly mode: IDBTransactionMode
  error: DOMException | null = null
  oncomplete: Handler = null
  onabort: Handler = null
  readonly #file: DatabaseFile
  readonly #gate: PageGate
  readonly #durability: Durability
  readonly #kind = () => (this.mode === 'readonly' ? 'read' : kindOf(this.#asked))
  #phase: 'waiting' | 'running' | 'over' = 'waiting'
  #asked: Asked[] = []
  /** What a reading transaction sees. */
  #cut: Tables | undefined

  constructor(
    file: DatabaseFile,
    gate: PageGate,
    terms: {
      readonly names: readonly string[]
      readonly mode: IDBTransactionMode
      readonly durability: Durability
    },
  ) {
    super()
    this.#file = file
    this.#gate = gate
    this.#durability = terms.durability
    this.objectStoreNames = terms.names
    this.mode = terms.mode
    if (terms.mode === 'versionchange') return
    // All that is asked for in this turn is known then.
    queueMicrotask(() => {
      const kind = this.#kind()
      gate.pass(kind, () => this.#start(kind))
    })
  }

  objectStore(name: string): ObjectStore {
    return new ObjectStore(name, this)
  }

  define(store: string, index: string, how: { readonly of: string; readonly unique: boolean }): void {
    const table = this.#file.tables.get(store) ?? EMPTY
    const indexes = new Map(table.indexes).set(index, how)
    this.#file.tables = new Map(this.#file.tables).set(store, { ...table, indexes })
  }

  ask(store: string, op: Op): Request {
    if (this.#phase === 'over') throw new DOMException('the transaction is over', 'TransactionInactiveError')
    const request = new Request()
    request.transaction = this
    this.#asked.push({ store, op, request })
    if (this.mode === 'versionchange') this.#start('kept')
    return request
  }

  commit(): void {}

  abort(): void {
    this.#phase = 'over'
    this.error ??= new DOMException('made to end', 'AbortError')
    setImmediate(() => this.#gate.pass('answer', () => this.emit('abort')))
  }

  #start(kind: Kind): void {
    if (this.#phase === 'over') return
    this.#phase = 'running'
    const asked = this.#asked.splice(0)
    const isLoad = this.mode === 'readonly' && this.objectStoreNames.includes('heads')
    const answer = isLoad ? 'found' : 'answer'
    const done = this.#run(asked)
    const failure = done.failure ?? failures.get(this.#gate)?.(kind)
    if (!failure && this.mode !== 'readonly' && asked.length > 0)
      this.#file.commit(done.tables, kind, this.#durability)
    if (failure) this.#phase = 'over'
    setImmediate(() =>
      this.#gate.pass(answer, () => {
        for (const { request } of asked) request.emit(request.error ? 'error' : 'success')
        if (failure) this.#fail(failure)
        // Who has heard an answer may ask for more.
        else setImmediate(() => this.#goOn(kind, answer))
      }),
    )
  }

  #fail(error: DOMException): void {
    this.error = error
    this.emit('error')
    this.emit('abort')
  }

  /** One after the other; what comes after one that failed is aborted. */
  #run(asked: readonly Asked[]): { readonly tables: Tables; readonly failure: DOMException | undefined } {
    this.#cut ??= this.#file.tables
    let tables = this.mode === 'readonly' ? this.#cut : this.#file.tables
    let failure: DOMException | undefined
    for (const { store, op, request } of asked) {
      if (failure) {
        request.error = new DOMException('the transaction was aborted', 'AbortError')
        continue
      }
      try {
        if (op.do === 'read') request.result = op.read(tables)
        else if (op.do === 'delete') tables = withoutRecords(tables, store, op.wanted)
        else {
          const { key, value } = op
          const done = withRecord(tables, store, { key, value, how: op.do })
          tables = done.tables
          request.result = done.key
        }
      } catch (error) {
        failure = error as DOMException
        request.error = failure
      }
    }
    return { tables, failure }
  }

  #goOn(kind: Kind, answer: Kind): void {
    if (this.#asked.length > 0) this.#start(kind)
    else if (this.#phase === 'running') {
      this.#phase = 'over'
      this.#gate.pass(answer, () => this.emit('complete'))
    }
  }
}
