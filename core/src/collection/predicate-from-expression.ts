import { ProtocolError } from '../errors.ts'
import { encodeValue, ValueProblem } from '../wire/encode-value.ts'
import type { Predicate, WireValue } from '../wire/index.ts'
import type { ExpressionLike } from './expression-like.ts'

/** A deeper one is refused here; the codec would refuse it a little later. */
const MAX_DEPTH = 40

const unsupported = (what: string): ProtocolError =>
  new ProtocolError('predicate-unsupported', `A filter that the server evaluates cannot contain ${what}`)

/** The same comparison with its sides exchanged. */
const FLIPPED = { eq: 'eq', gt: 'lt', gte: 'lte', lt: 'gt', lte: 'gte' } as const
type Comparison = keyof typeof FLIPPED

const isComparison = (name: string): name is Comparison => Object.hasOwn(FLIPPED, name)

function columnOf(expression: ExpressionLike): string {
  if (expression.type !== 'ref') throw unsupported(`a comparison without a plain column`)
  const { path } = expression
  const [column] = path
  if (path.length !== 1 || typeof column !== 'string')
    throw unsupported(`"${path.join('.')}": only columns can be compared, not what is inside them`)
  return column
}

function literal(column: string, value: unknown): WireValue {
  // TanStack DB compares with undefined as with null: the answer is unknown, never true.
  const encoded = encodeValue(value ?? null)
  if (encoded instanceof ValueProblem) throw unsupported(`a value for "${column}" that ${encoded.why}`)
  return encoded
}

function comparison(name: Comparison | 'like' | 'ilike', args: readonly ExpressionLike[]): Predicate {
  const [left, right] = args
  if (!left || !right) throw unsupported(`"${name}" without two sides`)
  if (left.type === 'ref' && right.type === 'val') {
    const column = columnOf(left)
    return { op: name, column, value: literal(column, right.value) }
  }
  if (left.type === 'val' && right.type === 'ref' && isComparison(name)) {
    const column = columnOf(right)
    return { op: FLIPPED[name], column, value: literal(column, left.value) }
  }
  if (left.type === 'ref' && right.type === 'ref')
    throw unsupported(`a comparison of two columns ("${left.path.join('.')}" and "${right.path.join('.')}")`)
  for (const side of args) if (side.type === 'func') throw unsupported(`"${side.name}" inside "${name}"`)
  throw unsupported(`"${name}" without a column on one side and a value on the other`)
}

function listed([left, right]: readonly ExpressionLike[]): Predicate {
  if (!left || right?.type !== 'val' || !Array.isArray(right.value)) throw unsupported('"in" without a list')
  const column = columnOf(left)
  return { op: 'in', column, values: right.value.map((value: unknown) => literal(column, value)) }
}

function fromFunction(name: string, args: readonly ExpressionLike[], depth: number): Predicate {
  const [first] = args
  switch (name) {
    case 'and':
    case 'or':
      return { op: name, of: args.map((each) => convert(each, depth + 1)) }
    case 'not':
      if (!first) break
      return { op: 'not', of: convert(first, depth + 1) }
    case 'isNull':
    case 'isUndefined':
      if (!first) break
      return { op: name, column: columnOf(first) }
    case 'in':
      return listed(args)
    case 'like':
    case 'ilike':
      return comparison(name, args)
    default:
      if (isComparison(name)) return comparison(name, args)
  }
  throw unsupported(`"${name}"`)
}

function convert(expression: ExpressionLike, depth: number): Predicate {
  if (depth > MAX_DEPTH) throw unsupported(`more than ${MAX_DEPTH} levels`)
  switch (expression.type) {
    case 'val':
      if (typeof expression.value !== 'boolean') throw unsupported('a value in the place of a condition')
      return { op: expression.value ? 'always' : 'never' }
    case 'ref':
      return { op: 'eq', column: columnOf(expression), value: true }
    case 'func':
      return fromFunction(expression.name, expression.args, depth)
    default:
      throw unsupported(`a "${(expression as { readonly type: string }).type}"`)
  }
}

/**
 * The predicate that a TanStack expression means.
 * @throws ProtocolError `predicate-unsupported`, which names what the server could not decide as the application does.
 */
export const predicateFromExpression = (expression: ExpressionLike): Predicate => convert(expression, 1)
