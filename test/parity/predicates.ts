import type { Predicate, WireValue } from '@durable-sync/core/wire'
import type { Dice } from '../soak/dice.ts'
import { type LiteralCase, literal, longList, PATTERN_CASES, shortList, VALUE_CASES } from './literals.ts'
import { columns, isTextColumn, kindOf } from './parity-table.ts'

export type Leaf = Exclude<Predicate, { op: 'and' | 'or' | 'not' | 'always' | 'never' }>
export type Operator = Predicate['op']

export const COMPARISONS = ['eq', 'gt', 'gte', 'lt', 'lte'] as const
const ORDERED: readonly string[] = ['gt', 'gte', 'lt', 'lte']
export const LEAF_OPERATORS = [...COMPARISONS, 'like', 'ilike', 'in', 'isNull', 'isUndefined'] as const
export type LeafOperator = (typeof LEAF_OPERATORS)[number]

export const isLeafOperator = (op: Operator): op is LeafOperator =>
  (LEAF_OPERATORS as readonly Operator[]).includes(op)

/** What is asked, and what its literals are an example of. */
export interface Question {
  readonly predicate: Predicate
  readonly literal: LiteralCase
}

export const isOrdered = (op: Operator): boolean => ORDERED.includes(op)

const single = (
  op: (typeof COMPARISONS)[number] | 'like' | 'ilike',
  column: string,
  value: WireValue,
): Leaf => ({
  op,
  column,
  value,
})

const casesOf = (op: LeafOperator): readonly LiteralCase[] => {
  if (op === 'isNull' || op === 'isUndefined') return ['no literal']
  if (op === 'in') return ['list', 'list of 500']
  return op === 'like' || op === 'ilike' ? PATTERN_CASES : VALUE_CASES
}

function leafOf(dice: Dice, op: LeafOperator, column: string, of: LiteralCase): Leaf {
  if (op === 'isNull' || op === 'isUndefined') return { op, column }
  if (op === 'in') return { op, column, values: of === 'list' ? shortList(dice) : longList(dice) }
  return single(op, column, literal(dice, of as Parameters<typeof literal>[1]))
}

const negated = (predicate: Predicate): Predicate => ({ op: 'not', of: predicate })

/** Of plain text there are more examples than of anything else that matter. */
const timesOf = (literal: LiteralCase, each: number): number =>
  literal === 'no literal' ? 1 : literal === 'text' ? 3 * each : each

/** Questions of one operator: every column with `each` literals of every case, as they are and negated. */
export function leafQuestions(dice: Dice, op: LeafOperator, each: number): Question[] {
  return columns.flatMap((column) =>
    casesOf(op).flatMap((literal) =>
      Array.from({ length: timesOf(literal, each) }, () => leafOf(dice, op, column, literal)).flatMap(
        (leaf) => [
          { predicate: leaf, literal },
          { predicate: negated(leaf), literal },
        ],
      ),
    ),
  )
}

/** A leaf that is not refused. */
function servedLeaf(dice: Dice): Leaf {
  for (;;) {
    const op = dice.pick(LEAF_OPERATORS)
    const leaf = leafOf(dice, op, dice.pick(columns), dice.pick(casesOf(op)))
    if (refusalOf(leaf) === null && !(leaf.op === 'in' && leaf.values.length > 50 && dice.chance(0.9)))
      return leaf
  }
}

/** A tree of connectives. Some of its chains are long: SQLite takes only so many levels and parameters. */
export function randomTree(dice: Dice, depth: number): Predicate {
  if (depth === 0 || dice.chance(0.15))
    return dice.chance(0.06) ? { op: dice.pick(['always', 'never'] as const) } : servedLeaf(dice)
  const op = dice.pick(['and', 'or', 'not'] as const)
  if (op === 'not') return negated(randomTree(dice, depth - 1))
  const length = dice.chance(0.04) ? dice.between(30, 150) : dice.between(0, 4)
  return { op, of: Array.from({ length }, () => randomTree(dice, length > 4 ? 0 : depth - 1)) }
}

/** The code with which a leaf must be refused, or null. It is the documented rule, said once more. */
export function refusalOf(leaf: Leaf): string | null {
  if (!isOrdered(leaf.op) || !('value' in leaf)) return null
  const { column, value } = leaf
  const kind = kindOf(column)
  if (kind === 'json' || kind === 'bytes') return 'predicate-unsupported'
  if (value === null || typeof value === 'string') return null
  if (typeof value === 'object' && ('hex' in value || 'json' in value)) return 'predicate-unsupported'
  return isTextColumn(column) && kind !== 'date' ? 'predicate-unsupported' : null
}

export const leavesOf = (predicate: Predicate): Leaf[] => {
  switch (predicate.op) {
    case 'and':
    case 'or':
      return predicate.of.flatMap(leavesOf)
    case 'not':
      return leavesOf(predicate.of)
    case 'always':
    case 'never':
      return []
    default:
      return [predicate]
  }
}

/** Every operator of it. */
export const operatorsOf = (predicate: Predicate): Operator[] => {
  if (predicate.op === 'not') return ['not', ...operatorsOf(predicate.of)]
  return predicate.op === 'and' || predicate.op === 'or'
    ? [predicate.op, ...predicate.of.flatMap(operatorsOf)]
    : [predicate.op]
}
