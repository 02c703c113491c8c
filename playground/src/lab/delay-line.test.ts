import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { DelayLine } from './delay-line.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

let delay: number
let came: string[]
let line: DelayLine
const send = (what: string) => line.pass(() => came.push(what))
beforeEach(() => {
  delay = 0
  came = []
  line = new DelayLine(() => delay)
})

test('without a delay everything passes at once', () => {
  send('a')
  expect(came).toEqual(['a'])
})

test('with one, everything comes that much later', () => {
  delay = 200
  send('a')
  vi.advanceTimersByTime(100)
  send('b')
  vi.advanceTimersByTime(100)
  expect(came).toEqual(['a'])
  vi.advanceTimersByTime(100)
  expect(came).toEqual(['a', 'b'])
})

test('nothing overtakes what was sent while the line was slower', () => {
  delay = 1000
  send('slow')
  delay = 200
  send('faster')
  delay = 0
  send('at once')
  vi.advanceTimersByTime(999)
  expect(came).toEqual([])
  vi.advanceTimersByTime(1)
  vi.runAllTimers()
  expect(came).toEqual(['slow', 'faster', 'at once'])
})

test('what is dropped never comes, and what is sent after it does', () => {
  delay = 200
  send('lost')
  line.drop()
  send('kept')
  vi.runAllTimers()
  expect(came).toEqual(['kept'])
  expect(vi.getTimerCount()).toBe(0)
})
