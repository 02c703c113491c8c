import { ProtocolError } from '../errors.ts'
import { canonical, columnsOf } from '../wire/canonical-predicate.ts'
import type { Filter, Predicate } from '../wire/index.ts'
import { predicateOf } from '../wire/predicate-of.ts'
import { capturedExpression } from './captured-expression.ts'
import { predicateFromExpression } from './predicate-from-expression.ts'

/** What a collection may be limited to: a plain object, what `filter` builds, or what TanStack's operators say about a row. */
export type Where<Row> = Filter<Row> | ((row: Row) => unknown)

/** The same, whatever the row. */
export type AnyWhere = object | ((row: never) => unknown)

function asked(where: AnyWhere, collection: object): Predicate {
  if (typeof where !== 'function') return predicateOf(where)
  const expression = capturedExpression(collection, where as (row: never) => unknown)
  return expression ? predicateFromExpression(expression) : { op: 'always' }
}

function explained(error: unknown): ProtocolError {
  if (error instanceof ProtocolError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new ProtocolError('predicate-unsupported', `The filter of a collection failed: ${reason}`)
}

/**
 * The canonical predicate of a collection's `where`; undefined without one.
 * @throws ProtocolError `filter-without-column` when it says nothing about any column: a mistyped filter must not show everything.
 * @throws ProtocolError `predicate-unsupported`
 */
export function collectionWhere(where: AnyWhere | undefined, collection: object): Predicate | undefined {
  if (where === undefined) return undefined
  try {
    const predicate = canonical(asked(where, collection))
    if (columnsOf(predicate).size > 0) return predicate
  } catch (error) {
    throw explained(error)
  }
  throw new ProtocolError(
    'filter-without-column',
    'The filter of a collection speaks of no column. Leave `where` out to have every row',
  )
}
