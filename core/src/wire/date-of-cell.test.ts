import { afterEach, beforeEach, expect, test } from 'vitest'
import { rowDecoder } from '../collection/decode-row.ts'
import { rowMatcher } from './row-matcher.ts'

const zone = process.env.TZ
beforeEach(() => {
  process.env.TZ = 'America/New_York'
})
afterEach(() => {
  if (zone === undefined) delete process.env.TZ
  else process.env.TZ = zone
})

const kinds = { at: 'date' } as const
const atTen = Date.parse('2024-01-01T10:00:00Z')

test.each([
  ['SQLite writes it', '2024-01-01 10:00:00'],
  ['SQLite writes it without seconds', '2024-01-01 10:00'],
  ['SQLite writes it with milliseconds', '2024-01-01 10:00:00.000'],
  ['ISO 8601 does without a zone', '2024-01-01T10:00:00'],
  ['Date writes it', '2024-01-01T10:00:00.000Z'],
  ['somebody in another zone writes it', '2024-01-01T12:00:00+02:00'],
])('a time as %s is the same time wherever it is read, for a row and for a filter', (_, cell) => {
  expect(new Date(2024, 0, 1).getTimezoneOffset()).toBe(300)
  expect(rowDecoder(['at'], kinds)([cell])).toEqual({ at: new Date(atTen) })
  const matches = rowMatcher({ op: 'eq', column: 'at', value: { date: atTen } }, ['at'], kinds)
  expect(matches([cell])).toBe(true)
})
