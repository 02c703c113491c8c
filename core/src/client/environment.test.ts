import { afterEach, expect, test, vi } from 'vitest'
import { defaultEnvironment } from './environment.ts'

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('the globals are looked up when they are used, so fakes and polyfills that come later are seen', () => {
  const environment = defaultEnvironment()
  expect([environment.window, environment.document, environment.location(), environment.webSocket()]).toEqual(
    [undefined, undefined, undefined, undefined],
  )
  expect(environment.online()).toBe(true)
  class Polyfill {}
  vi.stubGlobal('WebSocket', Polyfill)
  vi.stubGlobal('navigator', { onLine: false })
  vi.stubGlobal('location', { href: 'https://app.example/' })
  vi.useFakeTimers({ now: 7 })
  expect([environment.webSocket(), environment.online(), environment.location(), environment.now()]).toEqual([
    Polyfill,
    false,
    'https://app.example/',
    7,
  ])
})

test('a wait keeps a Node process alive and a background wait does not; both can be cancelled', () => {
  const timers = vi.spyOn(globalThis, 'setTimeout')
  const environment = defaultEnvironment()
  const cancels = [environment.after(10_000, () => {}), environment.afterInBackground(10_000, () => {})]
  const [held, free] = timers.mock.results.map(({ value }) => value as NodeJS.Timeout)
  expect([held?.hasRef(), free?.hasRef()]).toEqual([true, false])
  for (const cancel of cancels) {
    cancel()
    cancel()
  }
  timers.mockRestore()
})

test('a wait that is too long for the platform does not fire at once', async () => {
  const run = vi.fn()
  const cancel = defaultEnvironment().after(2 ** 40, run)
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(run).not.toHaveBeenCalled()
  cancel()
})

test('identifiers differ, also where a page is not secure and has no randomUUID', () => {
  const environment = defaultEnvironment()
  expect(environment.randomId()).not.toBe(environment.randomId())
  const { getRandomValues } = crypto
  vi.stubGlobal('crypto', { getRandomValues: getRandomValues.bind(crypto) })
  expect(environment.randomId()).toMatch(/^[0-9a-f]{32}$/)
})
