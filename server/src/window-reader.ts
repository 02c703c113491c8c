import {
  type Cell,
  compareCells,
  type OrderTerm,
  type Place,
  type PlaceCell,
  placeCell,
  placeComparator,
} from '@durable-sync/core/wire'
import { textMatcher } from './filtered-reader.ts'
import { column, quote } from './identifier.ts'
import { cursorOf } from './key-cursor.ts'
import { type Level, OrderSql } from './order-sql.ts'
import type { CompiledPredicate } from './predicate-sql.ts'
import { rowSql } from './row-sql.ts'
import type { TableSchema } from './table-schema.ts'

/** Rows of an order, as JSON texts of their cells. */
export interface WindowPage {
  readonly rows: readonly string[]
  /** Where the last of them stands, its key as a cursor, or null when there are none. */
  readonly last: Place | null
  /** Whether there may be rows after them. */
  readonly more: boolean
  /** The length of the texts, each with a comma. */
  readonly bytes: number
}

interface Found {
  readonly row: string
  readonly place: Place
  /** The bytes of its key. */
  readonly hex: string
}

/** So many rows are read by their first value alone where no index has the whole order. */
const BATCH = 16

/**
 * Reads the rows of one predicate in one order. Every read is at the storage's present moment; nothing is kept between reads.
 *
 * Law: a read looks at about as many rows as it returns, however many share a value, given an index that begins with the first column. If
 * SQLite would have to sort, which reads all rows that share a value, rows are read by their first value alone, in small batches: values that are
 * complete in a batch are sorted here, and one that may go on is read by itself, in the order of the rest.
 */
export class WindowReader {
  readonly #sql: SqlStorage
  readonly #where: CompiledPredicate | null
  readonly #order: OrderSql
  readonly #compare: (a: Place, b: Place) => number
  readonly #matches: (row: string) => boolean
  readonly #select: string
  readonly #byTerm = new Map<string, boolean>()

  /** The order's columns must be `checkOrder`ed. `where` null: every row. */
  constructor(
    sql: SqlStorage,
    schema: TableSchema,
    order: readonly OrderTerm[],
    where: CompiledPredicate | null,
  ) {
    this.#sql = sql
    this.#where = where
    this.#order = new OrderSql(order, schema)
    this.#compare = placeComparator(order)
    this.#matches = textMatcher(where, schema)
    const key = column(schema.name, schema.key)
    const placed = [...order.map((term) => term.column), schema.key]
    this.#select = `SELECT ${rowSql(sql, schema)} AS row, ${rowSql(sql, schema, placed)} AS place, hex(${key}) AS hex
      FROM ${quote(schema.name)} WHERE typeof(${key}) = 'text' AND ${key} <> '' AND ${where?.sql ?? '1'}`
  }

  /** The next `limit` rows after the place `after` (null: from the start), or as many as reach `maxBytes` of text, and at least one. */
  read(after: Place | null, limit: number, maxBytes: number): WindowPage {
    const page = new Page(limit, maxBytes)
    for (const level of this.#order.levels(after)) {
      this.#read(level, page)
      if (page.isFull) break
    }
    return page.done()
  }

  #read(level: Level, page: Page): void {
    if (level.fixed === this.#order.length || !this.#isReadByTerm(level)) this.#readInOrder(level, page)
    else
      for (const part of this.#order.parts(level)) {
        if (page.isFull) return
        if (part.hasValues) this.#readByTerm(part, page)
        else this.#read(part, page)
      }
  }

  #readInOrder(level: Level, page: Page): void {
    for (const found of this.#rows(level, this.#order.by(level.fixed), page.room + 1))
      if (!page.add(found)) return
  }

  #readByTerm(level: Level, page: Page): void {
    const term = level.fixed
    let part = level
    while (!page.isFull) {
      const batch = [...this.#rows(part, this.#order.byTerm(term), BATCH)]
      const last = batch.length < BATCH ? undefined : batch.at(-1)?.place[term]
      // The last value may go on beyond the batch.
      const complete = last === undefined ? batch : batch.filter(({ place }) => !isSame(place[term], last))
      for (const found of complete.sort((a, b) => this.#compare(a.place, b.place)))
        if (!page.add(found)) return
      if (last === undefined || last === null) return
      this.#read(this.#order.group(level, last), page)
      part = this.#order.beyond(level, last)
    }
  }

  /** Lazily: rows that are not taken are not read. At most `limit` of them where SQL alone decides which they are. */
  *#rows(level: Level, orderBy: string, limit: number): Generator<Found> {
    const where = this.#where
    const text = `${this.#select} AND ${level.sql} ${orderBy}`
    const params = [...(where?.params ?? []), ...level.params]
    const exact = where === null || where.exact
    const cursor = exact
      ? this.#sql.exec(`${text} LIMIT ?`, ...params, limit)
      : this.#sql.exec(text, ...params)
    let taken = 0
    for (const [row, place, hex] of cursor.raw<[string, string, string]>()) {
      if (!this.#matches(row)) continue
      yield { row, place: (JSON.parse(place) as Cell[]).map(placeCell), hex }
      if (++taken === limit) return
    }
  }

  /**
   * Whether an index has the next term of the order and none has the rest: in order, SQLite would read all rows that share a value before it
   * gives the first. Without any index one sort of everything is the best there is.
   */
  #isReadByTerm(level: Level): boolean {
    const key = `${level.fixed} ${level.hasValues}`
    const known = this.#byTerm.get(key)
    if (known !== undefined) return known
    const byTerm =
      this.#sorts(level, this.#order.by(level.fixed)) && !this.#sorts(level, this.#order.byTerm(level.fixed))
    this.#byTerm.set(key, byTerm)
    return byTerm
  }

  #sorts({ sql, params }: Level, orderBy: string): boolean {
    const text = `EXPLAIN QUERY PLAN ${this.#select} AND ${sql} ${orderBy} LIMIT 10`
    const plan = this.#sql.exec<{ detail: string }>(text, ...(this.#where?.params ?? []), ...params).toArray()
    return plan.some(({ detail }) => detail.includes('TEMP B-TREE'))
  }
}

const isSame = (a: PlaceCell | undefined, b: PlaceCell): boolean =>
  a !== undefined && compareCells(a, b) === 0

/** Rows in order, until there are enough. */
class Page {
  readonly #limit: number
  readonly #maxBytes: number
  readonly #rows: string[] = []
  #last: Found | null = null
  #bytes = 0
  #more = false

  constructor(limit: number, maxBytes: number) {
    this.#limit = limit
    this.#maxBytes = maxBytes
  }

  get room(): number {
    return this.#limit - this.#rows.length
  }

  /** A row was there that is not part of it. */
  get isFull(): boolean {
    return this.#more
  }

  /** False when there was no room for it. */
  add(found: Found): boolean {
    const { row } = found
    if (this.#rows.length === this.#limit || (this.#rows.length > 0 && this.#bytes >= this.#maxBytes)) {
      this.#more = true
      return false
    }
    this.#rows.push(row)
    this.#bytes += row.length + 1
    this.#last = found
    return true
  }

  done(): WindowPage {
    return { rows: this.#rows, last: this.#last && endAt(this.#last), more: this.#more, bytes: this.#bytes }
  }
}

const endAt = ({ place, hex }: Found): Place => [...place.slice(0, -1), cursorOf(String(place.at(-1)), hex)]
