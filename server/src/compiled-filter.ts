import { type Cell, type OrderTerm, type Predicate, rowMatcher } from '@durable-sync/core/wire'
import { FilteredReader } from './filtered-reader.ts'
import { type CompiledPredicate, compilePredicate } from './predicate-sql.ts'
import { isRefusal, type Refusal } from './refusal.ts'
import type { TableSchema } from './table-schema.ts'
import { WindowReader } from './window-reader.ts'

/** Orders of one filter that are kept; the one that was not asked for the longest goes first. */
const MAX_ORDERS = 16

/** The rows of one table that satisfy one predicate, compiled once for everybody who shows them. */
export class CompiledFilter {
  /** No other filter of this installation has it. */
  readonly id: number
  readonly schema: TableSchema
  /** Null: every row. */
  readonly #where: CompiledPredicate | null
  readonly #sql: SqlStorage
  readonly #windows = new Map<string, WindowReader>()
  #matcher: ((cells: readonly Cell[]) => boolean) | undefined
  #reader: FilteredReader | undefined

  constructor(id: number, sql: SqlStorage, schema: TableSchema, where: CompiledPredicate | null) {
    this.id = id
    this.schema = schema
    this.#sql = sql
    this.#where = where
  }

  get isEverything(): boolean {
    return this.#where === null
  }

  /** Whether a row, given as its cells in the table's order, is one of these. */
  matches(cells: readonly Cell[]): boolean {
    if (this.#where === null) return true
    const names = this.schema.columns.map(({ name }) => name)
    this.#matcher ??= rowMatcher(this.#where.predicate, names, this.schema.kinds)
    return this.#matcher(cells)
  }

  /** Its rows in key order; null when they are all, which are read without looking at them. */
  get reader(): FilteredReader | null {
    if (this.#where === null) return null
    this.#reader ??= new FilteredReader(this.#sql, this.schema, this.#where)
    return this.#reader
  }

  /** Its rows in another order. */
  inOrder(order: readonly OrderTerm[]): WindowReader {
    const text = JSON.stringify(order)
    const reader = this.#windows.get(text) ?? new WindowReader(this.#sql, this.schema, order, this.#where)
    this.#windows.delete(text)
    this.#windows.set(text, reader)
    for (const oldest of this.#windows.keys()) {
      if (this.#windows.size <= MAX_ORDERS) break
      this.#windows.delete(oldest)
    }
    return reader
  }
}

/** More than this is not kept: what is asked for again is compiled again. */
const MAX_KEPT = 2000
const MAX_KEPT_CHARACTERS = 4 * 1024 * 1024

/** Filters by what they say: the sockets of a thousand users share one that is the same for all of them. */
export class FilterCache {
  readonly #sql: SqlStorage
  /** The one that was not asked for the longest is first. */
  readonly #kept = new Map<string, CompiledFilter>()
  #characters = 0
  #made = 0

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** The filter of a canonical predicate, or why it cannot be served. */
  get(schema: TableSchema, predicate: Predicate): CompiledFilter | Refusal {
    const key = JSON.stringify([schema.name, predicate])
    const kept = this.#kept.get(key)
    if (kept) this.#drop(key)
    const filter = kept ?? this.#make(schema, predicate)
    if (isRefusal(filter)) return filter
    this.#kept.set(key, filter)
    this.#characters += key.length
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MAX_KEPT && this.#characters <= MAX_KEPT_CHARACTERS) break
      this.#drop(oldest)
    }
    return filter
  }

  #drop(key: string): void {
    this.#kept.delete(key)
    this.#characters -= key.length
  }

  #make(schema: TableSchema, predicate: Predicate): CompiledFilter | Refusal {
    const where = predicate.op === 'always' ? null : compilePredicate(predicate, schema)
    if (where !== null && isRefusal(where)) return where
    return new CompiledFilter(++this.#made, this.#sql, schema, where)
  }
}
