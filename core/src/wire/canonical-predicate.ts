import type { WireValue } from './cell.ts'
import type { Predicate } from './predicate.ts'

const textOf = (value: unknown): string => JSON.stringify(value)

function sorted<T>(values: readonly T[]): T[] {
  const byText = new Map(values.map((value) => [textOf(value), value]))
  return [...byText.keys()].sort().map((text) => byText.get(text) as T)
}

/** Operands of a chain of the same connective, canonical, each once. `neutral` operands say nothing, an `absorbing` one says everything. */
function chain(op: 'and' | 'or', of: readonly Predicate[]): Predicate {
  const [neutral, absorbing] = op === 'and' ? (['always', 'never'] as const) : (['never', 'always'] as const)
  const operands = of.map(canonical).flatMap((each) => (each.op === op ? each.of : [each]))
  if (operands.some((each) => each.op === absorbing)) return { op: absorbing }
  const left = sorted(operands.filter((each) => each.op !== neutral))
  const [first] = left
  if (!first) return { op: neutral }
  return left.length === 1 ? first : { op, of: left }
}

/**
 * The same predicate in a form that equal ones share: chains are flat, sorted and without repetition, lists are sorted. Two predicates
 * that mean the same may still differ; that costs a subscription, never a row.
 */
export function canonical(predicate: Predicate): Predicate {
  switch (predicate.op) {
    case 'and':
    case 'or':
      return chain(predicate.op, predicate.of)
    case 'not': {
      const of = canonical(predicate.of)
      if (of.op === 'not') return of.of
      if (of.op === 'always') return { op: 'never' }
      return of.op === 'never' ? { op: 'always' } : { op: 'not', of }
    }
    case 'in': {
      const values: readonly WireValue[] = sorted(predicate.values.filter((value) => value !== null))
      const [only] = values
      return only !== undefined && values.length === 1
        ? { op: 'eq', column: predicate.column, value: only }
        : { op: 'in', column: predicate.column, values }
    }
    case 'isNull':
    case 'isUndefined':
      return { op: predicate.op, column: predicate.column }
    case 'always':
    case 'never':
      return { op: predicate.op }
    default:
      return { op: predicate.op, column: predicate.column, value: predicate.value }
  }
}

export const ALWAYS: Predicate = { op: 'always' }

/** Both hold. */
export const bothOf = (a: Predicate, b: Predicate): Predicate => canonical({ op: 'and', of: [a, b] })

/** The columns that a predicate speaks of. */
export function columnsOf(predicate: Predicate): Set<string> {
  switch (predicate.op) {
    case 'and':
    case 'or':
      return new Set(predicate.of.flatMap((each) => [...columnsOf(each)]))
    case 'not':
      return columnsOf(predicate.of)
    case 'always':
    case 'never':
      return new Set()
    default:
      return new Set([predicate.column])
  }
}
