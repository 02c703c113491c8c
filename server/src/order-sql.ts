import type { OrderTerm, Place, PlaceCell } from '@durable-sync/core/wire'
import type { PredicateParam } from './condition.ts'
import { bytesOfHex } from './hex-bytes.ts'
import { column } from './identifier.ts'
import { boundOf } from './key-cursor.ts'
import type { Refusal } from './refusal.ts'
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
  /** Whether all rows have a value in the term after those. */
  readonly hasValues: boolean
  /** The same without what it says of the term after those: of two bounds SQLite would look for one and filter by the other. */
  readonly unbounded: Said
}

type Said = Pick<Level, 'sql' | 'params'>

const NOTHING_SAID: Said = { sql: '1', params: [] }
const EVERYTHING: Level = { ...NOTHING_SAID, fixed: 0, hasValues: false, unbounded: NOTHING_SAID }

const and = (of: Said, sql: string, params: readonly PredicateParam[]): Said => ({
  sql: `${of.sql} AND ${sql}`,
  params: [...of.params, ...params],
})

/** The rows of `of` for which this holds of the term after the `fixed` ones. */
const bounding = (of: Said, sql: string, params: readonly PredicateParam[], fixed: number): Level => ({
  ...and(of, sql, params),
  fixed,
  hasValues: true,
  unbounded: of,
})

const param = (cell: Exclude<PlaceCell, null>): { text: string; value: PredicateParam } => {
  if (typeof cell !== 'object') return { text: '?', value: cell }
  if ('int' in cell) return { text: '+CAST(? AS INTEGER)', value: cell.int }
  if ('num' in cell) return { text: '?', value: Number(cell.num) }
  return { text: '?', value: bytesOfHex(cell.hex) }
}

interface Term {
  readonly term: OrderTerm
  /** Whether it is null is asked of the column alone: with a collation, SQLite would walk past every null to the first value. */
  readonly bare: string
  /** The column may have been declared with another collation. */
  readonly c: string
}

/** An order over one table's columns, as SQL says it. */
export class OrderSql {
  readonly #terms: readonly Term[]
  readonly #key: string

  constructor(order: readonly OrderTerm[], schema: TableSchema) {
    this.#terms = order.map((term) => {
      const bare = column(schema.name, term.column)
      return { bare, c: `${bare} COLLATE BINARY`, term }
    })
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

  /** `ORDER BY` one term alone, among rows that have a value there. */
  byTerm(i: number): string {
    const { c, term } = this.#term(i)
    return `ORDER BY ${c}${term.descending ? ' DESC' : ''}`
  }

  /** How many terms there are before the key. */
  get length(): number {
    return this.#terms.length
  }

  /** The rows after `after` (null: all) in parts that follow each other. */
  levels(after: Place | null): Level[] {
    if (after === null) return this.parts(EVERYTHING)
    const levels: Level[] = [this.#afterKey(after)]
    for (let i = this.#terms.length - 1; i >= 0; i--) levels.push(...this.#beyond(i, after))
    return levels
  }

  /** A level in parts that follow each other: those without and those with a value in its next term. */
  parts(level: Level): Level[] {
    if (level.hasValues || level.fixed === this.#terms.length) return [level]
    const { bare, term } = this.#term(level.fixed)
    const nulls = this.#fixing(level.unbounded, `${bare} IS NULL`, [], level.fixed + 1)
    const values = bounding(level.unbounded, `${bare} IS NOT NULL`, [], level.fixed)
    return term.nulls === 'first' ? [nulls, values] : [values, nulls]
  }

  /** The rows of a level that have this value in its next term. */
  group(level: Level, value: PlaceCell): Level {
    const same = this.#same(level.fixed, value)
    return this.#fixing(level.unbounded, same.sql, same.params, level.fixed + 1)
  }

  /** The rows of a level whose next term has a value that comes after this one. */
  beyond(level: Level, value: Exclude<PlaceCell, null>): Level {
    const { c, term } = this.#term(level.fixed)
    const bound = param(value)
    return bounding(
      level.unbounded,
      `${c} ${term.descending ? '<' : '>'} ${bound.text}`,
      [bound.value],
      level.fixed,
    )
  }

  #term(i: number): Term {
    const term = this.#terms[i]
    if (!term) throw new RangeError(`no term ${i}`)
    return term
  }

  /** All terms are those of `after`, and the key is larger. */
  #afterKey(after: Place): Level {
    const key = after[this.#terms.length]
    const { unbounded, fixed } = this.#sameUpTo(this.#terms.length, after)
    const said = and(unbounded, `${this.#key} > CAST(? AS TEXT)`, [
      boundOf(typeof key === 'string' ? key : ''),
    ])
    return { ...said, fixed, hasValues: false, unbounded }
  }

  /**
   * The rows of `of` for which this holds too; `fixed` terms are the same for all of them. Where these are all terms, a bound that every key
   * exceeds makes SQLite prefer the index that has them in the order of their keys.
   */
  #fixing(of: Said, sql: string, params: readonly PredicateParam[], fixed: number): Level {
    const unbounded = and(of, sql, params)
    const said = fixed === this.#terms.length ? and(unbounded, `${this.#key} > ''`, []) : unbounded
    return { ...said, fixed, hasValues: false, unbounded }
  }

  /** The terms before `i` are those of `after`, and the term `i` comes later. */
  #beyond(i: number, after: Place): Level[] {
    const { bare, term } = this.#term(i)
    const same = this.#sameUpTo(i, after)
    const from = after[i] ?? null
    if (from === null) return term.nulls === 'first' ? [bounding(same, `${bare} IS NOT NULL`, [], i)] : []
    const later = this.beyond(same, from)
    return term.nulls === 'first' ? [later] : [later, this.#fixing(same, `${bare} IS NULL`, [], i + 1)]
  }

  #sameUpTo(count: number, after: Place): Level {
    let level = EVERYTHING
    for (let i = 0; i < count; i++) level = this.group(level, after[i] ?? null)
    return level
  }

  #same(i: number, value: PlaceCell): { sql: string; params: PredicateParam[] } {
    const { bare, c } = this.#term(i)
    if (value === null) return { sql: `${bare} IS NULL`, params: [] }
    const bound = param(value)
    return { sql: `${c} = ${bound.text}`, params: [bound.value] }
  }
}
