import type { Predicate } from '@durable-sync/core/wire'
import { type Condition, conditionOf, NOTHING, Unsupported } from './comparison-sql.ts'
import { column } from './identifier.ts'
import type { Refusal } from './subscriptions.ts'
import type { TableSchema } from './table-schema.ts'

/** What may be bound to a statement of the storage. */
export type PredicateParam = string | number | ArrayBuffer

/** A predicate as a condition on a table's own columns. */
export interface CompiledPredicate {
  readonly predicate: Predicate
  /** A boolean expression over `"table"."column"`, constant per form of predicate: true for every row that matches. */
  readonly sql: string
  /** The values of its `?`, in order. At most 90. */
  readonly params: readonly PredicateParam[]
  /** Whether it is true for no other row. If not, every row read is checked with `rowMatcher`. */
  readonly exact: boolean
}

/** The platform allows 100 parameters and 100 KB; the reader's own have to fit in as well. */
const MAX_PARAMS = 90
const MAX_SQL = 60_000

export const isRefusal = (result: object): result is Refusal => 'code' in result

/**
 * The condition under which rows are read, or why the predicate cannot be served. Law: it is true for every row that `rowMatcher` accepts.
 * Negations are pushed down to the comparisons, each of which has a condition for being true and one for being false, so that unknown
 * needs no place in SQL.
 */
export function compilePredicate(predicate: Predicate, schema: TableSchema): CompiledPredicate | Refusal {
  try {
    const { sql, params, exact } = compile(predicate, schema, true)
    if (params.length <= MAX_PARAMS && sql.length <= MAX_SQL) return { predicate, sql, params, exact }
    // It is too much for a statement: every row is looked at instead.
    return { predicate, sql: '1', params: [], exact: false }
  } catch (error) {
    if (error instanceof Unsupported) return error.refusal
    throw error
  }
}

/** True for every row for which `predicate` is `wanted`. */
function compile(predicate: Predicate, schema: TableSchema, wanted: boolean): Condition {
  switch (predicate.op) {
    case 'always':
    case 'never':
      return (predicate.op === 'always') === wanted ? EVERYTHING : NOTHING
    case 'not':
      return compile(predicate.of, schema, !wanted)
    case 'and':
    case 'or': {
      const of = predicate.of.map((each) => compile(each, schema, wanted))
      return (predicate.op === 'and') === wanted ? joined(of, 'AND') : joined(of, 'OR')
    }
    default: {
      const info = schema.columns.find(({ name }) => name === predicate.column)
      if (!info)
        throw new Unsupported('unknown-column', `"${schema.name}" has no column "${predicate.column}"`)
      return conditionOf(predicate, info, column(schema.name, info.name), wanted)
    }
  }
}

const EVERYTHING: Condition = { sql: '1', params: [], exact: true }

/** Halved again and again: a chain of more than 100 terms is too deep for SQLite. */
function joined(of: readonly Condition[], connective: 'AND' | 'OR'): Condition {
  const [only] = of
  if (!only) return connective === 'AND' ? EVERYTHING : NOTHING
  if (of.length === 1) return only
  const middle = of.length >> 1
  const [a, b] = [joined(of.slice(0, middle), connective), joined(of.slice(middle), connective)]
  return {
    sql: `(${a.sql} ${connective} ${b.sql})`,
    params: [...a.params, ...b.params],
    exact: a.exact && b.exact,
  }
}
