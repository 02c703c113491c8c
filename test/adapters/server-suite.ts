import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createSync, indexedDBStorage, NO_PENDING_WRITES } from '@durable-sync/core'
import { createTestServer } from '@durable-sync/core/testing'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type TodoApi, todo } from '../../core/src/client/testing/todo-room.ts'
import type { PageProps, Renderer } from './driver.ts'

const TIMERS = ['setTimeout', 'setInterval', 'setImmediate'] as const
const BROWSER = ['WebSocket', 'fetch', 'indexedDB', 'BroadcastChannel', 'localStorage', 'location']

const RENDERS = 1_000
/** After these, all is there that is made once. */
const FIRST_RENDERS = 200
/** Every so many pages one more is rendered for a request that has brought rows along. */
const ROWS_EVERY = 4
/** Far below what one leaked collection for each render would take. */
const GROWTH_BYTES = 2_000_000

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}

/** The file and line of whoever has called it, unless that is a framework or TanStack DB: they clean up after themselves. */
const ownCaller = (): string | undefined =>
  new Error().stack?.split('\n').find((line) => /\/(?:core|adapters\/\w+)\/src\//.test(line))

/**
 * What every adapter must do on a server, whatever its framework. What it renders is kept beside its test, for its page to take over.
 * `renderRows` is how this framework renders rows that a request has brought along. Default: like everything else.
 */
export function describeServer(
  render: Renderer,
  renderRows: Renderer = render,
  rows: 'rendered' | 'left to the browser' = 'rendered',
): void {
  let used: string[]

  beforeEach(() => {
    used = []
    vi.useFakeTimers()
    for (const name of TIMERS) {
      const timer = globalThis[name]
      vi.stubGlobal(name, (...given: unknown[]) => {
        const caller = ownCaller()
        if (caller) used.push(`${name}${caller}`)
        return Reflect.apply(timer, undefined, given)
      })
    }
    for (const name of BROWSER) {
      const use = () => {
        used.push(name)
        throw new Error(`${name} was used on a server`)
      }
      vi.stubGlobal(name, new Proxy(() => {}, { apply: use, construct: use, get: use, has: use }))
    }
  })
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.useRealTimers()
  })

  /** An app that lives as long as the server, as it is written for a page. */
  const page = (): PageProps => ({
    sync: createSync<TodoApi>({
      url: '/sync',
      storage: indexedDBStorage({ name: 'app', user: 'me' }),
      settleOn: 'device',
    }),
    inputs: { room: 'red', panes: 1, version: 1 },
    probe: () => {},
  })

  test('a server renders constants', async () => {
    const html = await render(page())
    await expect(html).toMatchFileSnapshot('./rendered.html')
    const bare = html
      .replace(/<!--.*?-->/g, '')
      .replace(/<(\w+)[^>]*>/g, '<$1>')
      .replace(/>\s+</g, '><')
    expect(bare).toContain('<b>idle</b><i>0</i><u></u><s>idle</s><ul></ul>')
  })

  test('a server renders the same constants when its client knows more, and subscribes to nothing', async () => {
    const shown = page()
    const subscribe = vi.fn(() => () => {})
    Object.assign(shown.sync.room('red'), {
      status: { get: () => ({ state: 'connected', since: 1 }), subscribe },
      pendingWrites: { get: () => ({ ...NO_PENDING_WRITES, count: 1 }), subscribe },
    })
    expect(await render(shown)).toBe(await render(page()))
    expect(subscribe).not.toHaveBeenCalled()
  })

  /** A request that brings one row along, with a client of its own. */
  const requestOf = (user: number): PageProps => {
    const server = createTestServer<TodoApi>({
      collections: { todos: { columns: { done: 'boolean' }, rows: [todo(`of ${user}`)] }, notes: {} },
    })
    const shown = page()
    shown.sync.room('red').hydrate(server.snapshot({ table: 'todos' }))
    return shown
  }
  const expectRowsOf = (user: number, html: string) =>
    expect(new Set(html.match(/of \d+/g))).toEqual(new Set(rows === 'rendered' ? [`of ${user}`] : []))

  test('rows that came with a request are in its page, and in no other one that is rendered meanwhile', async () => {
    const pages = await Promise.all(Array.from({ length: 20 }, (_, user) => renderRows(requestOf(user))))
    for (const [user, html] of pages.entries()) expectRowsOf(user, html)
    expect(used).toEqual([])
  })

  test('many pages open no socket, start no timer, touch nothing of a browser and leave nothing on the heap', async () => {
    const shown = page()
    let users = 0
    const renderMany = async (count: number) => {
      for (let i = 0; i < count; i++) {
        await render(shown)
        if (i % ROWS_EVERY === 0) expectRowsOf(++users, await renderRows(requestOf(users)))
      }
      // TanStack DB lets go of a live query that nobody has subscribed to after 5 seconds.
      await vi.advanceTimersByTimeAsync(20_000)
    }
    await renderMany(FIRST_RENDERS)
    const before = heapAfterCollection()
    await renderMany(RENDERS - FIRST_RENDERS)
    expect(heapAfterCollection() - before).toBeLessThan(GROWTH_BYTES)
    expect(used).toEqual([])
  }, 300_000)
}
