import type { Cell, OrderTerm, Place } from '@durable-sync/core/wire'
import { column } from './identifier.ts'
import type { PredicateParam } from './predicate-sql.ts'
import type { Refusal } from './subscriptions.ts'
import type { TableSchema } from './table-schema.ts'

/** Why rows cannot be served in this order, or null when they can. */
export function checkOrder(order: readonly OrderTerm[], schema: TableSchema): Refusal | null {
  for (const { column: name, text } of order) {
    const info = schema.columns.find((each) => each.name === name)
    if (!info) return { code: 'unknown-column', message: `"${schema.name}" has no column "${name}"` }
    const refuse = (why: string): Refusal => ({
      code: 'order-unsupported',
      message: `rows are not ordered by "${name}": ${why}`,
    })
    if (info.kind === 'json' || info.kind === 'bytes') return refuse(`it is of kind ${info.kind}`)
    const holdsText = (info.affinity === 'text' || info.affinity === 'blob') && info.kind !== 'date'
    if (text === 'locale' && holdsText) return refuse('text is ordered by code point here, not by a language')
  }
  return null
}

/** A part of the rows that comes before or after the other parts as a whole. */
export interface Level {
  readonly sql: string
  readonly params: readonly PredicateParam[]
  /** How many of the leading terms are the same for all rows of it. */
  readonly fixed: number
}

const param = (cell: Exclude<Cell, null>): { text: string; value: PredicateParam } => {
  if (typeof cell !== 'object') return { text: '?', value: cell }
  if ('int' in cell) return { text: 'CAST(? AS INTEGER)', value: cell.int }
  const bytes = new Uint8Array(cell.hex.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(cell.hex.slice(2 * i, 2 * i + 2), 16)
  return { text: '?', value: bytes.buffer }
}

/** An order over one table's columns, as SQL says it. */
export class OrderSql {
  readonly #terms: readonly { readonly c: string; readonly term: OrderTerm }[]
  readonly #key: string

  constructor(order: readonly OrderTerm[], schema: TableSchema) {
    this.#terms = order.map((term) => ({ c: column(schema.name, term.column), term }))
    this.#key = column(schema.name, schema.key)
  }

  /** `ORDER BY` from the term number `from` on, down to the key. SQLite's own place for nulls needs no words, which would cost an index. */
  by(from: number): string {
    const terms = this.#terms.slice(from).map(({ c, term: { descending, nulls } }) => {
      const usual = descending ? 'last' : 'first'
      return `${c}${descending ? ' DESC' : ''}${nulls === usual ? '' : ` NULLS ${nulls.toUpperCase()}`}`
    })
    return `ORDER BY ${[...terms, this.#key].join(', ')}`
  }

  /** `ORDER BY` the first term alone, among rows that have a value there. */
  byLead(): string {
    const [lead] = this.#terms
    return lead ? `ORDER BY ${lead.c}${lead.term.descending ? ' DESC' : ''}` : this.by(0)
  }

  /** The rows after `after` (null: all) in parts that follow each other. Those with a value in the first term have `fixed` 0. */
  levels(after: Place | null): Level[] {
    const [lead] = this.#terms
    if (!lead) return [this.#afterKey(after)]
    if (after === null) return this.#beyond(0, null)
    const levels: Level[] = [this.#afterKey(after)]
    for (let i = this.#terms.length - 1; i >= 0; i--) levels.push(...this.#beyond(i, after))
    return levels
  }

  /** The rows that have this value in the first term. */
  group(value: Cell): Level {
    const same = this.#same(0, value)
    return { ...same, fixed: 1 }
  }

  /** The rows whose first term has a value that comes after this one. */
  beyondLead(value: Cell): Level {
    const [lead] = this.#terms
    if (!lead || value === null) return { sql: '1', params: [], fixed: 0 }
    const bound = param(value)
    return {
      sql: `${lead.c} ${lead.term.descending ? '<' : '>'} ${bound.text}`,
      params: [bound.value],
      fixed: 0,
    }
  }

  /** All terms are those of `after`, and the key is larger. */
  #afterKey(after: Place | null): Level {
    if (after === null) return { sql: '1', params: [], fixed: 0 }
    const same = this.#sameUpTo(this.#terms.length, after)
    const key = after[this.#terms.length]
    return {
      sql: [...same.sql, `${this.#key} > ?`].join(' AND '),
      params: [...same.params, typeof key === 'string' ? key : ''],
      fixed: this.#terms.length,
    }
  }

  /** The terms before `i` are those of `after`, and the term `i` comes later. `after` null: any value, in the order of nulls and values. */
  #beyond(i: number, after: Place | null): Level[] {
    const { c, term } = this.#terms[i] as { c: string; term: OrderTerm }
    const same = after === null ? { sql: [], params: [] } : this.#sameUpTo(i, after)
    const level = (sql: string, params: readonly PredicateParam[], fixed: number): Level => ({
      sql: [...same.sql, sql].join(' AND '),
      params: [...same.params, ...params],
      fixed,
    })
    const nulls = level(`${c} IS NULL`, [], i + 1)
    const values = level(`${c} IS NOT NULL`, [], i)
    if (after === null) return term.nulls === 'first' ? [nulls, values] : [values, nulls]
    const from = after[i] ?? null
    if (from === null) return term.nulls === 'first' ? [values] : []
    const { text, value } = param(from)
    const later = level(`${c} ${term.descending ? '<' : '>'} ${text}`, [value], i)
    return term.nulls === 'first' ? [later] : [later, nulls]
  }

  #sameUpTo(count: number, after: Place): { sql: string[]; params: PredicateParam[] } {
    const each = this.#terms.slice(0, count).map((_, i) => this.#same(i, after[i] ?? null))
    return { sql: each.map(({ sql }) => sql), params: each.flatMap(({ params }) => params) }
  }

  #same(i: number, value: Cell): { sql: string; params: PredicateParam[] } {
    const { c } = this.#terms[i] as { c: string }
    if (value === null) return { sql: `${c} IS NULL`, params: [] }
    const bound = param(value)
    return { sql: `${c} = ${bound.text}`, params: [bound.value] }
  }
}
