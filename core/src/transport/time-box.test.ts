import { expect, test } from 'vitest'
import { FakeEnvironment } from '../session/testing/fake-environment.ts'
import { timeBox } from './time-box.ts'

const box = (signal = new AbortController().signal) => ({ ms: 100, what: 'it', signal })

test('the result of the work comes through, and no timer stays', async () => {
  const environment = new FakeEnvironment()
  expect(await timeBox(environment, box(), () => 7)).toBe(7)
  expect(await timeBox(environment, box(), async () => 8)).toBe(8)
  expect(environment.timers).toBe(0)
})

test('work that hangs is given up, and is told so', async () => {
  const environment = new FakeEnvironment()
  let told: AbortSignal | undefined
  const result = timeBox(environment, box(), (signal) => {
    told = signal
    return new Promise<never>(() => {})
  })
  environment.advance(100)
  await expect(result).rejects.toThrow('it did not answer within 100 ms')
  expect(told?.aborted).toBe(true)
})

test('an abort ends it at once, also one from before', async () => {
  const environment = new FakeEnvironment()
  const controller = new AbortController()
  const result = timeBox(environment, box(controller.signal), () => new Promise<never>(() => {}))
  controller.abort()
  await expect(result).rejects.toThrow('it was abandoned')
  await expect(timeBox(environment, box(controller.signal), () => 1)).rejects.toThrow('it was abandoned')
  expect(environment.timers).toBe(0)
})

test('whatever the work throws becomes an Error', async () => {
  const environment = new FakeEnvironment()
  await expect(timeBox(environment, box(), () => Promise.reject(undefined))).rejects.toBeInstanceOf(Error)
  const thrower = () => {
    throw 'a text'
  }
  await expect(timeBox(environment, box(), thrower)).rejects.toMatchObject({
    message: 'it failed',
    cause: 'a text',
  })
})
