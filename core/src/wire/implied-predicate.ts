import type { WireValue } from './cell.ts'
import type { Predicate } from './predicate.ts'

const textOf = (value: unknown): string => JSON.stringify(value)

/** What must all hold, of a canonical predicate. */
const conjunctsOf = (predicate: Predicate): readonly Predicate[] =>
  predicate.op === 'always' ? [] : predicate.op === 'and' ? predicate.of : [predicate]

/** The column and the values of a comparison that holds for some values and no others. */
function listOf(
  predicate: Predicate,
): { readonly column: string; readonly values: readonly WireValue[] } | undefined {
  if (predicate.op === 'in') return predicate
  return predicate.op === 'eq' ? { column: predicate.column, values: [predicate.value] } : undefined
}

/** Whether one of them says of the column of `wider`, which is a list, that its value is in a part of that list. */
function isWithin(narrower: readonly Predicate[], wider: Predicate): boolean {
  const list = listOf(wider)
  if (!list) return false
  const values = new Set(list.values.map(textOf))
  return narrower.some((each) => {
    const part = listOf(each)
    return part?.column === list.column && part.values.every((value) => values.has(textOf(value)))
  })
}

/**
 * True only if every row of `narrower` is one of `wider`: everything that must hold for `wider` must hold for `narrower`, or for fewer
 * values of a list. Both canonical. False may mean that nobody can tell.
 */
export function implies(narrower: Predicate, wider: Predicate): boolean {
  const held = conjunctsOf(narrower)
  const texts = new Set(held.map(textOf))
  return conjunctsOf(wider).every((each) => texts.has(textOf(each)) || isWithin(held, each))
}
