/**
 * A point in the history of one object: `(seq, nonce of the era that covers seq, object)`. To a client it is opaque: it is compared
 * for equality and handed back, never merged upwards and never computed with. Law: a position is valid iff the object is mine,
 * `prunedThrough ≤ seq ≤ head`, and the era with the largest `first_seq ≤ seq` has that nonce.
 */
export type Position = string & { readonly '~position': true }

export interface PositionParts {
  readonly seq: number
  readonly nonce: string
  readonly object: string
}

const PATTERN = /^(\d{1,16})\.([0-9a-z]{1,32})\.([0-9a-z]{1,64})$/

export const formatPosition = ({ seq, nonce, object }: PositionParts): Position =>
  `${seq}.${nonce}.${object}` as Position

/** The parts of a position, or null when the text is not one. */
export function parsePosition(text: string): PositionParts | null {
  const match = PATTERN.exec(text)
  if (!match) return null
  const seq = Number(match[1])
  if (!Number.isSafeInteger(seq)) return null
  return { seq, nonce: match[2] as string, object: match[3] as string }
}
