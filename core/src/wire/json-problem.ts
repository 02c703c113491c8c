/** Deeper than this, the server's own parser may refuse it, and a cycle is more likely than a document. */
const MAX_DEPTH = 100

/** UTF-8 has no lone surrogates: SQLite would store a replacement, and the confirmed row would differ from the written one. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text)

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Why `value` would not come back from JSON as it went in; undefined when it would. */
export function jsonProblem(value: unknown, depth = 0): string | undefined {
  if (depth > MAX_DEPTH) return 'is nested too deeply, or contains itself'
  if (value === null || typeof value === 'boolean') return undefined
  if (typeof value === 'string')
    return isWellFormed(value) ? undefined : 'contains text with half a surrogate pair'
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `contains ${value}`
  if (typeof value !== 'object') return `contains a ${typeof value}`
  if (Array.isArray(value)) return firstProblem(value, depth)
  if (!isPlain(value)) return `contains a ${value.constructor?.name ?? 'class instance'}`
  // An undefined property and an absent one are the same to JSON and to nearly every reader.
  return firstProblem(
    Object.values(value).filter((each) => each !== undefined),
    depth,
  )
}

function firstProblem(values: readonly unknown[], depth: number): string | undefined {
  for (const each of values) {
    const problem = jsonProblem(each, depth + 1)
    if (problem) return problem
  }
  return undefined
}
