/**
 * A state as one 53-bit number: two 32-bit mixes over its values in order. Objects of one kind always have the same
 * fields in the same order, so the names add nothing. Two states with one fingerprint would be taken for one; among
 * four million that has odds below one in a thousand.
 */
export const fingerprint = (state: object): number => {
  a = 0xdeadbeef
  b = 0x41c6ce57
  walk(state)
  const high = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  const low = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
  return 4294967296 * (2097151 & low) + (high >>> 0)
}

let a = 0
let b = 0
const mix = (n: number): void => {
  a = Math.imul(a ^ n, 2654435761)
  a ^= a >>> 15
  b = Math.imul(b ^ n, 1597334677)
  b ^= b >>> 13
}
const walk = (value: unknown): void => {
  if (typeof value === 'number') mix(value)
  else if (typeof value === 'string') mix(number(value))
  else if (typeof value === 'boolean') mix(value ? 0x10001 : 0x10002)
  else if (Array.isArray(value)) {
    mix(0x20000 + value.length)
    for (const item of value) walk(item)
  } else if (typeof value === 'object' && value !== null) {
    mix(0x30001)
    for (const name in value) walk((value as Record<string, unknown>)[name])
  } else mix(value === null ? 0x40001 : 0x40002)
}

/** The few words that are values, numbered as they come. */
const numbers = new Map<string, number>()
const number = (text: string): number => {
  const known = numbers.get(text)
  if (known !== undefined) return known
  const next = 0x50000 + numbers.size
  numbers.set(text, next)
  return next
}
