import { utf8Bytes } from '@durable-sync/core/wire'

/** What may be bound to a statement of the storage. */
export type PredicateParam = string | number | ArrayBuffer

/** A condition on a row. It holds for every row that is meant; when it is exact, for no other. Unknown counts as false. */
export interface Condition {
  readonly sql: string
  /** The values of its `?`, in order. */
  readonly params: readonly PredicateParam[]
  readonly exact: boolean
  /** Levels of the expression tree, an upper bound. */
  readonly depth: number
}

/** What a leaf of the tree may be deep. */
const LEAF_DEPTH = 8
/** SQLite takes 100 levels. */
const MAX_DEPTH = 80

export const condition = (sql: string, ...params: readonly PredicateParam[]): Condition => ({
  sql,
  params,
  exact: true,
  depth: LEAF_DEPTH,
})

export const ALWAYS: Condition = { sql: '1', params: [], exact: true, depth: 1 }
export const NEVER: Condition = { sql: '0', params: [], exact: true, depth: 1 }
/** Nothing is known: every row has to be looked at. */
export const ANYTHING: Condition = { ...ALWAYS, exact: false }

/** The same condition, of which only is known that it leaves nothing out. */
export const roughly = (each: Condition): Condition => (each.sql === '0' ? each : { ...each, exact: false })

/** The two shallowest operands become one until one is left, so that neither a long chain nor a deep one exceeds SQLite's limit. */
function joined(operator: 'AND' | 'OR', of: readonly Condition[]): Condition {
  const left = [...of].sort((a, b) => b.depth - a.depth)
  for (;;) {
    const a = left.pop()
    const b = left.pop()
    if (!a) return operator === 'AND' ? ALWAYS : NEVER
    if (!b) return a
    const depth = Math.max(a.depth, b.depth) + 1
    const both: Condition =
      depth > MAX_DEPTH
        ? ANYTHING
        : {
            sql: `(${a.sql} ${operator} ${b.sql})`,
            params: [...a.params, ...b.params],
            exact: a.exact && b.exact,
            depth,
          }
    left.push(both)
    for (let i = left.length - 1; i > 0 && both.depth > (left[i - 1] as Condition).depth; i--)
      [left[i - 1], left[i]] = [both, left[i - 1] as Condition]
  }
}

export function allOf(of: readonly Condition[]): Condition {
  if (of.some(({ sql }) => sql === '0')) return NEVER
  const all = joined(
    'AND',
    of.filter(({ sql }) => sql !== '1'),
  )
  return of.every(({ exact }) => exact) ? all : roughly(all)
}

export function anyOf(of: readonly Condition[]): Condition {
  if (of.some(({ sql, exact }) => sql === '1' && exact)) return ALWAYS
  if (of.some(({ sql }) => sql === '1')) return ANYTHING
  return joined(
    'OR',
    of.filter(({ sql }) => sql !== '0'),
  )
}

/** SQLite takes 100 parameters, and the statement around has some of its own. */
const MAX_PARAMS = 80
/** SQLite takes 100,000 bytes, and the statement around has some of its own. */
const MAX_BYTES = 40_000

/** How much one statement can say. What does not fit is left to whoever looks at the rows. */
export class StatementBudget {
  #params = MAX_PARAMS
  #bytes = MAX_BYTES

  /** The condition if there is room for it. */
  spend(each: Condition): Condition {
    const bytes = utf8Bytes(each.sql)
    if (each.params.length > this.#params || bytes > this.#bytes) return ANYTHING
    this.#params -= each.params.length
    this.#bytes -= bytes
    return each
  }
}
