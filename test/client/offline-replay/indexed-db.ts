import { PageGate } from './page-gate.ts'
import { EMPTY, KeyRange, type Tables } from './stored-tables.ts'
import {
  Cursor,
  DatabaseFile,
  type Durability,
  Emitter,
  Index,
  ObjectStore,
  Request,
  Transaction,
} from './transaction.ts'

/**
 * As much of IndexedDB as the library uses, so that a transaction of a page can be held, fail, or be lost with the power, and every tab of a
 * browser sees the same data. A transaction that waits has not been asked for yet: it keeps nobody else waiting. It runs in one go, and
 * what it reads is of one moment.
 */

class Connection extends Emitter {
  readonly #file: DatabaseFile
  readonly #gate: PageGate
  readonly #upgrade: () => Transaction | undefined
  #phase: 'open' | 'closed' = 'open'

  constructor(file: DatabaseFile, gate: PageGate, upgrade: () => Transaction | undefined) {
    super()
    this.#file = file
    this.#gate = gate
    this.#upgrade = upgrade
  }

  createObjectStore(name: string): ObjectStore {
    const upgrade = this.#upgrade()
    if (!upgrade) throw new DOMException('not now', 'InvalidStateError')
    this.#file.tables = new Map(this.#file.tables).set(name, EMPTY)
    return new ObjectStore(name, upgrade)
  }

  transaction(
    names: string | readonly string[],
    mode: IDBTransactionMode = 'readonly',
    { durability = 'relaxed' }: { readonly durability?: Durability } = {},
  ): Transaction {
    if (this.#phase === 'closed') throw new DOMException('the database is closed', 'InvalidStateError')
    const all = typeof names === 'string' ? [names] : names
    return new Transaction(this.#file, this.#gate, { names: all, mode, durability })
  }

  close(): void {
    this.#phase = 'closed'
  }
}

/** The databases of one browser. */
export class Databases {
  readonly #files = new Map<string, DatabaseFile>()

  readonly open = (name: string): Request => {
    const gate = PageGate.current
    const request = new Request()
    setImmediate(() => gate.pass('answer', () => this.#opened(name, gate, request)))
    return request
  }

  readonly deleteDatabase = (name: string): Request => {
    const gate = PageGate.current
    const request = new Request()
    this.#files.delete(name)
    setImmediate(() => gate.pass('answer', () => request.emit('success')))
    return request
  }

  /** The databases that have a store of writes, which are those of users. */
  get ofUsers(): readonly Tables[] {
    return [...this.#files.values()].map(({ tables }) => tables).filter((tables) => tables.has('writes'))
  }

  /** The power fails: the last `transactions` that model knows, and all after them, are gone where they were not on the disk. */
  losePower(transactions: number): void {
    for (const file of this.#files.values()) {
      const known = file.unsynced.filter(({ kind }) => kind !== 'kept')
      const from = known.at(-transactions) ?? known[0]
      if (from) file.tables = from.before
      file.unsynced = []
    }
  }

  #opened(name: string, gate: PageGate, request: Request): void {
    const known = this.#files.get(name)
    const file = known ?? new DatabaseFile()
    let upgrade: Transaction | undefined
    const connection = new Connection(file, gate, () => upgrade)
    request.result = connection
    if (!known) {
      const terms = { names: [], mode: 'versionchange', durability: 'relaxed' } as const
      upgrade = new Transaction(file, gate, terms)
      request.transaction = upgrade
      request.emit('upgradeneeded', { oldVersion: 0, newVersion: 1 })
      const { error } = upgrade
      upgrade = undefined
      request.transaction = null
      if (error) {
        request.error = error
        request.emit('error')
        return
      }
      file.unsynced = []
      this.#files.set(name, file)
    }
    request.emit('success')
  }
}

/** By the names under which the platform has them. */
export const CLASSES = {
  IDBKeyRange: KeyRange,
  IDBRequest: Request,
  IDBTransaction: Transaction,
  IDBDatabase: Connection,
  IDBObjectStore: ObjectStore,
  IDBIndex: Index,
  IDBCursor: Cursor,
}
