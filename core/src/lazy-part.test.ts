import { afterEach, describe, expect, test, vi } from 'vitest'
import { LazyPart } from './lazy-part.ts'

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** A part whose file is fetched as often as it is counted; each of the first `failures` times fails. */
function part(failures = 0) {
  let fetched = 0
  const lazy = new LazyPart(async () => {
    fetched++
    if (fetched <= failures) throw new TypeError('Failed to fetch dynamically imported module')
    return { says: 'here' }
  })
  return { lazy, fetched: () => fetched }
}

describe('a part of the code', () => {
  test('that two need is loaded once', async () => {
    const { lazy, fetched } = part()
    expect([lazy.there, fetched()]).toEqual([undefined, 0])
    const [one, other] = await Promise.all([lazy.load(), lazy.load()])
    expect(one).toBe(other)
    expect(await lazy.load()).toBe(lazy.there)
    expect(fetched()).toBe(1)
  })

  test('that could not be loaded is told with who acts, and loaded when it is asked for again', async () => {
    const { lazy, fetched } = part(1)
    const both = await Promise.allSettled([lazy.load(), lazy.load()])
    for (const each of both)
      expect(each).toMatchObject({ reason: { name: 'ConnectionError', code: 'code-not-loaded' } })
    expect([lazy.there, fetched()]).toEqual([undefined, 1])
    expect(await lazy.load()).toEqual({ says: 'here' })
    expect(fetched()).toBe(2)
  })

  test('that somebody waits for is tried ever more rarely until it is there', async () => {
    vi.useFakeTimers()
    const { lazy, fetched } = part(7)
    const failed = vi.fn()
    const waits: number[] = []
    const later = (task: () => void, ms: number) => {
      waits.push(ms)
      setTimeout(task, ms)
    }
    const use = vi.fn()
    lazy.whenThere(use, { later, failed, wants: () => true })
    await vi.advanceTimersByTimeAsync(200_000)
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
    expect([fetched(), failed.mock.calls.length]).toEqual([8, 7])
    expect(use.mock.calls).toEqual([[{ says: 'here' }]])
  })

  test('that is there is used at once, also where a storage has brought it', () => {
    const { lazy, fetched } = part()
    lazy.bring({ says: 'brought' })
    const use = vi.fn()
    lazy.whenThere(use, { later: vi.fn(), failed: vi.fn(), wants: () => true })
    expect(use.mock.calls).toEqual([[{ says: 'brought' }]])
    expect(fetched()).toBe(0)
  })

  test.each([0, 1])(
    'that nobody needs any more is not used, and not tried again, after %i failures',
    async (failures) => {
      vi.useFakeTimers()
      const { lazy, fetched } = part(failures)
      const use = vi.fn()
      const failed = vi.fn()
      lazy.whenThere(use, { later: (task, ms) => void setTimeout(task, ms), failed, wants: () => false })
      await vi.advanceTimersByTimeAsync(100_000)
      expect([use.mock.calls.length, failed.mock.calls.length, fetched()]).toEqual([0, 0, 1])
    },
  )

  test('is loaded before it is needed in a page, and nowhere else', async () => {
    const { lazy, fetched } = part(1)
    lazy.begin()
    expect(fetched()).toBe(0)
    vi.stubGlobal('document', {})
    lazy.begin()
    await vi.waitFor(() => expect(fetched()).toBe(1))
    expect(await lazy.load()).toEqual({ says: 'here' })
  })
})

test('a part that was brought along is there for whoever loads it, although its own import never ends', async () => {
  const lazy = new LazyPart(() => new Promise<string>(() => {}))
  void lazy.load()
  lazy.bring('brought')
  expect(await lazy.load()).toBe('brought')
})
