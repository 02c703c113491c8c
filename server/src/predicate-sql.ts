import type { Predicate, WireValue } from '@durable-sync/core/wire'
import { ComparedColumn, type Leaf } from './comparison-sql.ts'
import {
  ALWAYS,
  allOf,
  anyOf,
  type Condition,
  NEVER,
  type PredicateParam,
  StatementBudget,
} from './condition.ts'
import { predicateProblem } from './predicate-problem.ts'
import type { Refusal } from './refusal.ts'
import type { TableSchema } from './table-schema.ts'

/** A predicate as a condition on a table's own columns. */
export interface CompiledPredicate {
  readonly predicate: Predicate
  /** A boolean expression over `"table"."column"`, constant per form of predicate: true for every row that matches. */
  readonly sql: string
  /** The values of its `?`, in order. At most 80. */
  readonly params: readonly PredicateParam[]
  /** Whether it is true for no other row. If not, every row read is checked with `rowMatcher`. */
  readonly exact: boolean
}

/** The condition under which rows are read, or why the predicate cannot be served. */
export function compilePredicate(predicate: Predicate, schema: TableSchema): CompiledPredicate | Refusal {
  const problem = predicateProblem(predicate, schema)
  if (problem) return problem
  const { sql, params, exact } = new Compiler(schema).where(predicate, true)
  return { predicate, sql, params, exact }
}

/**
 * SQL's `not` of a condition that only leaves nothing out would leave something out. So a negation is carried down to the comparisons, and
 * every comparison has two conditions: one under which it may be true, one under which it may be false.
 */
class Compiler {
  readonly #columns: ReadonlyMap<string, ComparedColumn>
  readonly #budget = new StatementBudget()

  constructor(schema: TableSchema) {
    this.#columns = new Map(schema.columns.map((each) => [each.name, new ComparedColumn(schema.name, each)]))
  }

  where(predicate: Predicate, is: boolean): Condition {
    switch (predicate.op) {
      case 'always':
        return is ? ALWAYS : NEVER
      case 'never':
        return is ? NEVER : ALWAYS
      case 'not':
        return this.where(predicate.of, !is)
      case 'and':
        return (is ? allOf : anyOf)(predicate.of.map((each) => this.where(each, is)))
      case 'or':
        return (is ? anyOf : allOf)(listed(predicate.of).map((each) => this.where(each, is)))
      default:
        return this.#leaf(predicate, is)
    }
  }

  #leaf(leaf: Leaf, is: boolean): Condition {
    const column = this.#columns.get(leaf.column)
    if (!column) throw new Error(`no column "${leaf.column}"`)
    return this.#budget.spend(column.where(leaf, is))
  }
}

/** One of several values of a column is a list: it takes one parameter. Null stays by itself, as it is unknown where a list says no. */
function listed(of: readonly Predicate[]): Predicate[] {
  const lists = new Map<string, WireValue[]>()
  const rest: Predicate[] = []
  for (const each of of) {
    const values =
      each.op === 'in' ? each.values : each.op === 'eq' && each.value !== null ? [each.value] : null
    if (values === null || !('column' in each)) rest.push(each)
    else lists.set(each.column, [...(lists.get(each.column) ?? []), ...values])
  }
  for (const [column, values] of lists) {
    const [only] = values
    if (values.length === 1 && only !== undefined && only !== null)
      rest.push({ op: 'eq', column, value: only })
    else rest.push({ op: 'in', column, values })
  }
  return rest
}
