import { expect, test } from 'vitest'
import { closeCodeToSend, closeReasonToSend } from './close-argument.ts'

test('only codes that a client may send are sent', () => {
  expect([1000, 4003, 3000, 4999].map(closeCodeToSend)).toEqual([1000, 4003, 3000, 4999])
  expect([1001, 1006, 1012, 999, 5000].map(closeCodeToSend)).toEqual([1000, 1000, 1000, 1000, 1000])
})

test('a reason is cut to 123 bytes, never through a character', () => {
  expect(closeReasonToSend('short')).toBe('short')
  expect(closeReasonToSend('a'.repeat(200))).toBe('a'.repeat(123))
  expect(closeReasonToSend('é'.repeat(100))).toBe('é'.repeat(61))
  expect(closeReasonToSend('😀'.repeat(100))).toBe('😀'.repeat(30))
})
