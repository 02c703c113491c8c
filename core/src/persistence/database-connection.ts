import { openDB } from 'idb'
import type { ConnectionTimings } from './connection-timings.ts'
import { createStores, type Database } from './database-layout.ts'
import { StorageClosed } from './storage-closed.ts'
import { faultOf } from './storage-fault.ts'
import type { MemoryReason } from './storage-health.ts'

/** The database cannot be used now. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
  readonly why: MemoryReason

  constructor(why: MemoryReason, cause: unknown) {
    super(`no database: ${why}`, { cause })
    this.why = why
  }
}

const TRIES = 3
/** A process of the browser that was lost takes a moment to come back. */
const PAUSE_MS = 200
/** Connections in a minute. A database that breaks more often is given up for a while. */
const OPENS = 10
const MINUTE_MS = 60_000

export interface ConnectionListener {
  /** A connection is there, before anything is done with it. */
  opened(database: Database): Promise<void>
  /** There is none, and for a while none will be tried. */
  unavailable(error: Unavailable): void
}

/**
 * closed       nothing is open; the next use opens.
 * opening      asked for; it is not known yet whether it works.
 * open         in use.
 * unavailable  until `until`, or until an open that was given up answers after all.
 * ended        for good.
 */
type Phase =
  | { readonly is: 'closed' }
  | { readonly is: 'opening'; readonly database: Promise<Database> }
  | { readonly is: 'open'; readonly database: Database }
  | { readonly is: 'unavailable'; readonly error: Unavailable; readonly until: number }
  | { readonly is: 'ended' }

/** One database, opened when it is used, and opened again when the platform has closed it under the page. */
export class DatabaseConnection {
  readonly #name: string
  readonly #listener: ConnectionListener
  readonly #timings: ConnectionTimings
  #phase: Phase = { is: 'closed' }
  #opens: number[] = []

  constructor(name: string, listener: ConnectionListener, timings: ConnectionTimings) {
    this.#name = name
    this.#listener = listener
    this.#timings = timings
  }

  /**
   * Runs `work`, again on a new connection when the old one broke: `work` must be safe to do twice.
   * @throws Unavailable, StorageClosed, or what `work` throws.
   */
  async use<T>(work: (database: Database) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      let database: Database | undefined
      try {
        database = await this.#database()
        return await work(database)
      } catch (error) {
        const fault = faultOf(error)
        // A dead handle that is kept fails for ever. So does one that has met a full disk.
        if (database && (fault === 'broken' || fault === 'full')) this.#drop(database)
        // The database is none the worse for it.
        if (fault === 'full') this.#opens = []
        if (fault !== 'broken') throw error
        if (tries >= TRIES) throw this.#giveUp('broken', error, this.#timings.restMs)
        await new Promise((resolve) => setTimeout(resolve, (tries - 1) * PAUSE_MS))
      }
    }
  }

  /** For good. */
  end(): void {
    const phase = this.#phase
    this.#phase = { is: 'ended' }
    if (phase.is === 'open') phase.database.close()
  }

  async #database(): Promise<Database> {
    const phase = this.#phase
    switch (phase.is) {
      case 'open':
      case 'opening':
        return phase.database
      case 'ended':
        throw new StorageClosed()
      case 'unavailable':
        if (Date.now() < phase.until) throw phase.error
    }
    // Later, so that what opening finds out is not overwritten by its having begun.
    const database = Promise.resolve().then(() => this.#open())
    this.#phase = { is: 'opening', database }
    return database
  }

  async #open(): Promise<Database> {
    const now = Date.now()
    this.#opens = [...this.#opens.filter((at) => now - at < MINUTE_MS), now]
    if (this.#opens.length > OPENS)
      throw this.#giveUp('broken', new Error(`opened ${OPENS} times in a minute`), this.#timings.restMs)
    const answer = this.#ask()
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), this.#timings.openMs)
    })
    try {
      const first = await Promise.race([answer, late])
      if (first !== 'late') return await this.#adopt(first)
    } catch (error) {
      throw this.#failed(error)
    } finally {
      clearTimeout(timer)
    }
    const error = this.#giveUp('timeout', undefined, Infinity)
    answer.then(
      (opened) => this.#adoptLate(opened),
      (cause) => void this.#failed(cause),
    )
    throw error
  }

  /** What the users of an open that failed are told. */
  #failed(error: unknown): unknown {
    if (error instanceof Unavailable || error instanceof StorageClosed) return error
    if (error instanceof Error && error.name === 'SecurityError')
      return this.#giveUp('denied', error, Infinity)
    if (faultOf(error) !== 'broken') return this.#giveUp('broken', error, this.#timings.restMs)
    // Tried again at once, or by the next use.
    if (this.#phase.is !== 'ended') this.#phase = { is: 'closed' }
    return error
  }

  async #ask(): Promise<Database> {
    // Where storage is forbidden, even to look for it throws.
    if (typeof indexedDB === 'undefined') throw this.#giveUp('absent', undefined, Infinity)
    const database: Database = await openDB(this.#name, 1, {
      upgrade: (created) => createStores(created as Database),
      // Somebody deletes the database: one connection that stays open makes every later open hang.
      blocking: () => this.#drop(database),
      terminated: () => this.#drop(database),
    })
    return database
  }

  /** Nobody else may use it before the listener is done with it. */
  async #adopt(database: Database): Promise<Database> {
    if (this.#phase.is === 'ended') {
      database.close()
      throw new StorageClosed()
    }
    try {
      await this.#listener.opened(database)
      if (this.#isEnded) throw new StorageClosed()
    } catch (error) {
      database.close()
      throw error
    }
    this.#phase = { is: 'open', database }
    return database
  }

  /** Whoever comes meanwhile waits: what was put in memory now would not be brought into the database. */
  #adoptLate(opened: Database): void {
    const database = this.#adopt(opened).catch((cause) => {
      throw this.#failed(cause)
    })
    database.catch(() => {})
    if (!this.#isEnded) this.#phase = { is: 'opening', database }
  }

  get #isEnded(): boolean {
    return this.#phase.is === 'ended'
  }

  #drop(database: Database): void {
    database.close()
    const phase = this.#phase
    if (phase.is === 'open' && phase.database === database) this.#phase = { is: 'closed' }
  }

  #giveUp(why: MemoryReason, cause: unknown, ms: number): Unavailable {
    const error = new Unavailable(why, cause)
    if (this.#phase.is === 'ended') return error
    this.#phase = { is: 'unavailable', error, until: Date.now() + ms }
    this.#listener.unavailable(error)
    return error
  }
}
