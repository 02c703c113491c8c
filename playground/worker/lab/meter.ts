import type { MeterReading } from './meter-reading.ts'
import { RowCounter } from './row-counter.ts'

type Totals = Omit<MeterReading, 'now'>

/** An object without a timer is put away after this time without an event, in milliseconds. Its sockets stay. */
const ASLEEP_AFTER_MS = 10_000

/** Keeps the totals of an object over its sleep, in one row that neither counts nor is synced. */
export class Meter {
  readonly #rows: RowCounter
  readonly #before: Totals
  #now: Totals
  #lastAt: number

  /** Begins a life of the object, before anything else touches its SQL. */
  constructor(sql: SqlStorage) {
    this.#rows = new RowCounter(sql)
    this.#rows.uncounted(
      'CREATE TABLE IF NOT EXISTS lab_meter (id INTEGER PRIMARY KEY, reading TEXT NOT NULL)',
    )
    const [kept] = this.#rows.uncounted<{ reading: string }>('SELECT reading FROM lab_meter').toArray()
    const { lastAt, ...before } = kept
      ? (JSON.parse(kept.reading) as Kept)
      : { ...NOTHING, lastAt: Date.now() }
    this.#before = before
    this.#now = { ...before, wakes: before.wakes + 1 }
    this.#lastAt = lastAt
    this.#pass()
  }

  message(): void {
    this.#now = { ...this.#now, messagesIn: this.#now.messagesIn + 1 }
    this.#pass()
  }

  request(): void {
    this.#now = { ...this.#now, requests: this.#now.requests + 1 }
    this.#pass()
  }

  /** Remembers what was used so far. There is no event that says that an object is about to be put away. */
  keep(): void {
    this.#pass()
    this.#rows.uncounted(
      'INSERT INTO lab_meter (id, reading) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET reading = excluded.reading',
      JSON.stringify({ ...this.#totals(), lastAt: this.#lastAt } satisfies Kept),
    )
  }

  read(): MeterReading {
    this.keep()
    return { ...this.#totals(), now: this.#lastAt }
  }

  #totals(): Totals {
    const { read, written } = this.#rows.rows
    return {
      ...this.#now,
      rowsRead: this.#before.rowsRead + read,
      rowsWritten: this.#before.rowsWritten + written,
    }
  }

  #pass(): void {
    const now = Date.now()
    const passed = Math.min(Math.max(0, now - this.#lastAt), ASLEEP_AFTER_MS)
    this.#now = { ...this.#now, inMemoryMs: this.#now.inMemoryMs + passed }
    this.#lastAt = now
  }
}

interface Kept extends Totals {
  readonly lastAt: number
}

const NOTHING: Totals = { rowsRead: 0, rowsWritten: 0, messagesIn: 0, requests: 0, wakes: 0, inMemoryMs: 0 }
