import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonBytes } from './json-bytes.ts'

test('the length of JSON is that of its text in UTF-8', () => {
  const ofText = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary', noUnicodeString: false } as never), (value) => {
      expect(jsonBytes(value)).toBe(ofText(value))
    }),
  )
  for (const value of [-0, 1e21, 1e-7, [], {}, [[]], { a: undefined, b: [1, 2] }, '"\\\u0001é€😀'])
    expect(jsonBytes(value)).toBe(ofText(value))
})
