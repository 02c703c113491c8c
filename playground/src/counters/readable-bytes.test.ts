import { expect, test } from 'vitest'
import { readableBytes } from './readable-bytes.ts'

test('a number of bytes has a unit and at most three digits', () => {
  const words: [number, string][] = [
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [1234, '1.2 kB'],
    [9949, '9.9 kB'],
    [9960, '10 kB'],
    [43_210, '43 kB'],
    [999_499, '999 kB'],
    [999_600, '1.0 MB'],
    [5e12, '5000 GB'],
  ]
  for (const [bytes, text] of words) expect(readableBytes(bytes), String(bytes)).toBe(text)
})
