import { utf8Bytes } from '../wire/codec.ts'

/** Every character is one byte of JSON. */
const AS_IT_IS = /^[ !#-[\]-~]*$/

/** The length in UTF-8 of the JSON of what has come from JSON, or could have. The text is not made: this is asked of every write. */
export function jsonBytes(value: unknown): number {
  if (typeof value === 'string')
    return AS_IT_IS.test(value) ? value.length + 2 : utf8Bytes(JSON.stringify(value))
  if (typeof value !== 'object' || value === null) return String(value).length
  const isNamed = !Array.isArray(value)
  // Two brackets, and commas between: one more than there are parts, or two.
  let bytes = 1
  let parts = 0
  for (const [name, each] of Object.entries(value)) {
    if (each === undefined) continue
    bytes += jsonBytes(each) + (isNamed ? jsonBytes(name) + 1 : 0)
    parts++
  }
  return bytes + Math.max(1, parts)
}
