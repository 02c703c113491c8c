import { MAX_WILD_PIECE, type Predicate, type WireValue, wildPieceLength } from '@durable-sync/core/wire'
import type { Refusal } from './refusal.ts'
import type { Column, TableSchema } from './table-schema.ts'

const ORDERED: readonly string[] = ['gt', 'gte', 'lt', 'lte']

/** What a literal is in a sentence. */
function nameOf(value: WireValue): string {
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : `a ${typeof value}`
  if ('date' in value) return 'a Date'
  if ('int' in value) return 'a bigint'
  if ('num' in value) return 'a number'
  return 'hex' in value ? 'bytes' : 'a JSON value'
}

/** Why an ordered comparison has no answer that JavaScript and SQLite agree on. */
function orderProblem({ affinity, kind }: Column, value: WireValue): string | undefined {
  if (kind === 'json' || kind === 'bytes') return `a column of kind "${kind}" has no order`
  if (value === null || typeof value === 'string') return undefined
  if (typeof value === 'object' && ('hex' in value || 'json' in value)) return `${nameOf(value)} has no order`
  if (affinity === 'text' && kind !== 'date') return `the column is text, and the filter has ${nameOf(value)}`
  return undefined
}

function comparisonProblem(op: string, column: Column, value: WireValue): string | undefined {
  if (ORDERED.includes(op)) return orderProblem(column, value)
  const isPattern = (op === 'like' || op === 'ilike') && typeof value === 'string'
  return isPattern && wildPieceLength(value) > MAX_WILD_PIECE
    ? `a "_" has more than ${MAX_WILD_PIECE} characters around it that no "%" divides`
    : undefined
}

/** Why a predicate cannot be served, or null when it can. */
export function predicateProblem(predicate: Predicate, schema: TableSchema): Refusal | null {
  switch (predicate.op) {
    case 'and':
    case 'or':
      for (const each of predicate.of) {
        const problem = predicateProblem(each, schema)
        if (problem) return problem
      }
      return null
    case 'not':
      return predicateProblem(predicate.of, schema)
    case 'always':
    case 'never':
      return null
  }
  const column = schema.columns.find(({ name }) => name === predicate.column)
  if (!column)
    return { code: 'unknown-column', message: `"${schema.name}" has no column "${predicate.column}"` }
  const why = 'value' in predicate ? comparisonProblem(predicate.op, column, predicate.value) : undefined
  if (why === undefined) return null
  const name = `"${schema.name}"."${column.name}"`
  return { code: 'predicate-unsupported', message: `"${predicate.op}" of ${name}: ${why}` }
}
