import type { ExpressionLike } from './expression-like.ts'

/** What of a collection hands out its own row proxy. */
interface Observable {
  subscribeChanges(callback: () => void, options: { where: (row: never) => unknown }): unknown
}

const CAPTURED = new Error('The expression is captured')

/** A reference that stands for itself, as in `(row) => row.done`, is the proxy, to which every name is a column. */
function expressionOf(result: unknown): ExpressionLike {
  if (typeof result === 'object' && result !== null) {
    const { __refProxy: isProxy, __path: path } = result as { __refProxy?: unknown; __path?: string[] }
    return isProxy === true ? { type: 'ref', path: path ?? [] } : (result as ExpressionLike)
  }
  return { type: 'val', value: result }
}

/**
 * What `where` says about a row. Only the collection's own proxy will do: TanStack's operators take any other object for a literal. A
 * subscription shows it to `where` before it begins; it does not come to that, because a subscription that ends starts the clean-up clock.
 */
export function capturedExpression(
  collection: object,
  where: (row: never) => unknown,
): ExpressionLike | undefined {
  let captured: ExpressionLike | undefined
  const capture = (row: never) => {
    captured = expressionOf(where(row))
    throw CAPTURED
  }
  try {
    ;(collection as Observable).subscribeChanges(() => {}, { where: capture })
  } catch (error) {
    if (error !== CAPTURED) throw error
  }
  return captured
}
