import { utf8Bytes } from '../wire/codec.ts'

/** Every character is one byte of JSON. */
const AS_IT_IS = /^[ !#-[\]-~]*$/

/** The length in UTF-8 of the JSON of what has come from JSON, or could have. The text is not made: this is asked of every write. */
export function jsonBytes(value: unknown): number {
  if (typeof value === 'string')
    return AS_IT_IS.test(value) ? value.length + 2 : utf8Bytes(JSON.stringify(value))
  if (typeof value !== 'object' || value === null) return String(value).length
  let bytes = 0
  let parts = 0
  if (Array.isArray(value)) {
    for (const each of value) bytes += jsonBytes(each)
    parts = value.length
  } else
    for (const [name, each] of Object.entries(value)) {
      if (each === undefined) continue
      bytes += jsonBytes(name) + 1 + jsonBytes(each)
      parts++
    }
  // Two brackets, and commas between.
  return bytes + 1 + Math.max(1, parts)
}
