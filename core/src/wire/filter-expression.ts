import type { WireValue } from './cell.ts'
import { encodeValue, ValueProblem } from './encode-value.ts'
import type { Predicate } from './predicate.ts'

/** Under which an expression has its predicate. */
export const PREDICATE = Symbol.for('@durable-sync/filter')

/** Made by `filter`. */
export interface FilterExpression {
  readonly [PREDICATE]: Predicate
}

export const expressed = (predicate: Predicate): FilterExpression => ({ [PREDICATE]: predicate })

/** @throws TypeError for a value that SQLite has no place for. */
export function literal(column: string, value: unknown): WireValue {
  const encoded = encodeValue(value)
  if (encoded instanceof ValueProblem) throw new TypeError(`the filter's "${column}" ${encoded.why}`)
  return encoded
}
