import { BasicIndex, createCollection, createLiveQueryCollection, eq } from '@tanstack/db'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { doCollectionOptions } from '../collection/do-collection-options.ts'
import type { StoredRow } from '../test-server/test-room.ts'
import { BrowserInNode, closeBrowsers, until } from './testing/tabs-in-node.ts'
import { ending, type Todo, todo } from './testing/todo-room.ts'

beforeEach(() => {
  for (const level of ['warn', 'error'] as const) vi.spyOn(console, level).mockReturnValue()
})
afterEach(async () => {
  await closeBrowsers()
  vi.restoreAllMocks()
})

const STEPS = 25

/** The same numbers for the same seed, from 0, included, to 1, excluded. */
function chanceOf(seed: number): () => number {
  let state = Math.imul(seed, 2654435761)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    const mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A tab with all rows, those of a filter, and two live queries over what is asked for. */
async function opened(browser: BrowserInNode, settleOn: 'server' | 'device') {
  const tab = await browser.open({ settleOn })
  const { client, todos } = tab
  const undone = createCollection(doCollectionOptions({ client, table: 'todos', where: { done: false } }))
  const onDemand = createCollection({
    ...doCollectionOptions({ client, table: 'todos', syncMode: 'on-demand' }),
    autoIndex: 'eager',
    defaultIndexType: BasicIndex,
  })
  const done = createLiveQueryCollection((q) =>
    q.from({ row: onDemand }).where(({ row }) => eq(row.done, true)),
  )
  const first = createLiveQueryCollection((q) =>
    q
      .from({ row: onDemand })
      .orderBy(({ row }) => row.title, { stringSort: 'lexical' })
      .limit(3),
  )
  for (const each of [done, first]) each.subscribeChanges(() => {}, { includeInitialState: true })
  const shown = [todos, undone].map((each) => each.subscribeChanges(() => {}))
  return { ...tab, undone, onDemand, done, first, shown }
}

const textOf = (rows: Iterable<{ id?: unknown; title?: unknown; done?: unknown }>) =>
  Array.from(rows, ({ id, title, done }) => `${id}=${title}/${Number(done)}`).sort()

const byTitle = (a: StoredRow, b: StoredRow) => (`${a.title}/${a.id}` < `${b.title}/${b.id}` ? -1 : 1)

test.each(Array.from({ length: 25 }, (_, i) => i + 1))(
  'tabs that write, sleep, are closed and lose their connection at random all end as the server is, with nothing pending: seed %i',
  async (seed) => {
    const chance = chanceOf(seed)
    const below = (n: number) => Math.floor(chance() * n)
    const one = <T>(of: readonly T[]): T | undefined => of[below(of.length)]
    const browser = new BrowserInNode()
    const { server } = browser
    const settleOn = below(2) > 0 ? 'server' : 'device'
    const put = () => {
      server.put('todos', { ...todo(`k${below(8)}`, `${below(9)}`), done: below(2) })
      server.flush()
    }
    for (let i = 0; i < 6; i++) put()
    server.network = 'on'
    let refused = 0
    server.run = (item) =>
      refused-- > 0 ? { is: 'rejected', code: 'denied', message: 'no' } : server.execute(item)
    const tabs = [await opened(browser, settleOn), await opened(browser, settleOn)]
    const ended: Promise<unknown>[] = []
    const sleep = () => new Promise((resolve) => setTimeout(resolve, below(4)))
    const acts: ((tab: (typeof tabs)[number]) => unknown)[] = [
      ({ todos }) => {
        const made: Todo = { ...todo(`k${below(99)}x`, `${below(9)}`), done: below(2) > 0 }
        if (!todos.has(made.id)) ended.push(ending(todos.insert(made).isPersisted.promise))
      },
      ...['title', 'done', 'done'].map((column) => ({ todos, undone, onDemand }: (typeof tabs)[number]) => {
        const from = one([todos, undone, onDemand])
        const id = one([...(from?.keys() ?? [])])
        if (!from || typeof id !== 'string') return
        const written = from.update(id, (draft) => {
          if (column === 'done') draft.done = !draft.done
          else draft.title = `${below(9)}`
        })
        ended.push(ending(written.isPersisted.promise))
      }),
      ({ todos }) => {
        const id = one([...todos.keys()])
        if (id !== undefined) ended.push(ending(todos.delete(id).isPersisted.promise))
      },
      put,
      () => {
        server.remove('todos', `k${below(8)}`)
        server.flush()
      },
      () => {
        refused = 1 + below(2)
      },
      () => {
        server.network = 'off'
        server.drop()
      },
      () => {
        server.network = 'on'
      },
      async (tab) => {
        await tab.client.close()
        tabs[tabs.indexOf(tab)] = await opened(browser, settleOn)
      },
      async (tab) => {
        tab.shown.pop()?.unsubscribe()
        await tab.undone.cleanup()
        tab.shown.push(tab.undone.subscribeChanges(() => {}))
      },
      async ({ freeze, thaw }) => {
        freeze()
        await sleep()
        thaw()
      },
      async () => {
        server.passes = () => false
        await sleep()
        server.release()
      },
    ]
    for (let i = 0; i < STEPS; i++) {
      const tab = one(tabs)
      if (tab) await one(acts)?.(tab)
      if (below(2) > 0) await sleep()
    }
    refused = 0
    server.network = 'on'
    await Promise.all(ended)
    for (const { client, todos, undone, done, first, reported } of tabs)
      await until(() => {
        expect(client.pendingWrites.get().count).toBe(0)
        const rows = [...server.table('todos').values()]
        expect(textOf(todos.values())).toEqual(textOf(rows))
        expect(textOf(undone.values())).toEqual(textOf(rows.filter((row) => !row.done)))
        expect(textOf(done.values())).toEqual(textOf(rows.filter((row) => row.done)))
        expect(textOf(first.values())).toEqual(textOf(rows.sort(byTitle).slice(0, 3)))
        expect(reported).toEqual([])
      })
  },
)
