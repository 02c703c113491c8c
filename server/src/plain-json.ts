/**
 * The JSON text of a value that JSON can say without loss. A Date would arrive as text and a Map as an empty object, so they are not
 * plain; neither are NaN, a bigint, a cycle.
 */
export function plainJson(value: unknown): { ok: true; text: string } | { ok: false; why: string } {
  const why = findUnplain(value, 'result', new Set())
  return why === null ? { ok: true, text: JSON.stringify(value) } : { ok: false, why }
}

function findUnplain(value: unknown, at: string, parents: Set<object>): string | null {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return null
  if (typeof value === 'number') return Number.isFinite(value) ? null : `${at} is ${value}`
  if (typeof value !== 'object') return `${at} is a ${typeof value}`
  if (parents.has(value)) return `${at} contains itself`
  if (parents.size >= 100) return `${at} is nested deeper than 100`
  const prototype = Object.getPrototypeOf(value)
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null)
    return `${at} is a ${value.constructor.name}`
  parents.add(value)
  for (const [key, inner] of Object.entries(value)) {
    // An absent optional field and an undefined one look the same to the receiver.
    if (inner === undefined && !Array.isArray(value)) continue
    const why = findUnplain(inner, `${at}.${key}`, parents)
    if (why !== null) return why
  }
  parents.delete(value)
  return null
}
