import type { OrderTerm } from '../wire/index.ts'
import type { ExpressionLike, OrderByLike } from './expression-like.ts'

/** As many as the protocol carries. */
const MAX_TERMS = 8

function termOf({ expression, compareOptions }: OrderByLike): OrderTerm | undefined {
  if (expression.type !== 'ref') return undefined
  const { path } = expression as Extract<ExpressionLike, { type: 'ref' }>
  const [column] = path
  if (path.length !== 1 || typeof column !== 'string') return undefined
  const { direction, nulls, stringSort } = compareOptions
  return {
    column,
    descending: direction === 'desc',
    nulls: nulls ?? 'first',
    text: stringSort === 'lexical' ? 'binary' : 'locale',
  }
}

/** The order that TanStack DB asks for; undefined when only the application can say it, and needs every row for it. */
export function orderFromExpression(orderBy: readonly OrderByLike[]): readonly OrderTerm[] | undefined {
  const terms = orderBy.map(termOf).filter((term) => term !== undefined)
  return terms.length === orderBy.length && terms.length > 0 && terms.length <= MAX_TERMS ? terms : undefined
}
