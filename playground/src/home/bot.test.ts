import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createBot } from './bot.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const say = vi.fn<(line: string) => Promise<void>>()
beforeEach(() => void say.mockReset().mockResolvedValue())

test('it says something every three seconds for a minute, and then rests', () => {
  const bot = createBot(say)
  bot.wake()
  expect(bot.state.get()).toBe('writing')
  expect(say).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(59_000)
  expect(say).toHaveBeenCalledTimes(20)
  vi.advanceTimersByTime(600_000)
  expect(say).toHaveBeenCalledTimes(20)
  expect(bot.state.get()).toBe('resting')
  expect(vi.getTimerCount()).toBe(0)
})

test('it rests when it is told to, and says so', () => {
  const bot = createBot(say)
  const changed = vi.fn<() => void>()
  bot.state.subscribe(changed)
  bot.wake()
  bot.rest()
  expect(bot.state.get()).toBe('resting')
  expect(changed).toHaveBeenCalledTimes(2)
  vi.advanceTimersByTime(60_000)
  expect(say).toHaveBeenCalledTimes(1)
})

test('a line that is refused does not stop it', async () => {
  say.mockRejectedValue(new Error('refused'))
  createBot(say).wake()
  await vi.advanceTimersByTimeAsync(3_000)
  expect(say).toHaveBeenCalledTimes(2)
})
