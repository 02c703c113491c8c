import { doCollectionOptions } from '@durable-sync/core'
import * as db from '@tanstack/db'
import * as oldest from 'tanstack-db-oldest'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { isReceipt, itemsTo, todo } from '../../core/src/client/testing/todo-room.ts'
import type { Driver } from './driver.ts'
import { TestPage } from './page.ts'
import { PageListeners } from './page-listeners.ts'

/** Longer than a live query, a collection and a socket are kept for somebody who may come back. */
const LONG_MS = 60_000

/** What every adapter must do, whatever its framework. */
export function describeAdapter(driver: Driver, rendered: string): void {
  let page: TestPage
  /** What a framework or TanStack DB has complained of, but for what the test expects. */
  let complaints: string[]
  let expected: RegExp

  beforeEach(() => {
    vi.useFakeTimers()
    vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true)
    for (const level of ['error', 'warn'] as const) {
      vi.spyOn(console, level).mockImplementation((...said) => void complaints.push(said.join(' ')))
    }
    complaints = []
    expected = /^$/
    page = new TestPage(driver)
  })
  afterEach(async () => {
    await page.close()
    vi.restoreAllMocks()
    expect(complaints.filter((complaint) => !expected.test(complaint))).toEqual([])
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  test('the version of TanStack DB is the one that this run is for', () => {
    expect(driver.createCollection === oldest.createCollection).toBe(process.env.TANSTACK_DB === '0.9.2')
  })

  test('rows are shown as they are, and as they change', async () => {
    const red = page.rooms.object('red')
    red.todos('b', 'a')
    await page.mount()
    expect(page.pane).toEqual({
      room: 'red',
      status: 'connected',
      pending: 0,
      failed: '',
      phase: 'live',
      rows: ['a', 'b'],
    })
    await page.act(() => red.todos('c'))
    expect(page.pane.rows).toEqual(['a', 'b', 'c'])
  })

  test('a write is shown and counted at once, and is no longer counted when it is confirmed', async () => {
    const red = page.rooms.object('red')
    await page.mount()
    red.passes = (frame) => !isReceipt(frame)
    await page.act(() => page.hooks.collection.insert(todo('mine')))
    expect(page.pane).toMatchObject({ rows: ['mine'], pending: 1 })
    await page.act(() => red.release())
    expect(page.pane).toMatchObject({ rows: ['mine'], pending: 0 })
  })

  test('another room swaps rows, status, pending and failed writes together, and nothing of the old one is seen', async () => {
    const red = page.rooms.object('red')
    red.todos('red 1', 'red 2')
    page.rooms.object('blue').todos('blue 1')
    await page.mount()
    red.run = () => ({ is: 'rejected', code: 'no', message: 'not in red' })
    expected = /was refused and is taken back: not in red/
    await page.act(() => page.hooks.collection.insert(todo('refused')).isPersisted.promise.catch(() => {}))
    red.passes = (frame) => !isReceipt(frame)
    await page.act(() => void page.hooks.collection.insert(todo('red 3')).isPersisted.promise.catch(() => {}))
    expect(page.pane).toMatchObject({ pending: 1, failed: 'not in red', rows: ['red 1', 'red 2', 'red 3'] })

    page.history.splice(0)
    await page.change({ room: 'blue' })
    expect(page.pane).toEqual({
      room: 'blue',
      status: 'connected',
      pending: 0,
      failed: '',
      phase: 'live',
      rows: ['blue 1'],
    })
    const mixed = page.history.filter(
      ({ room, pending, failed, rows }) =>
        room === 'blue' && (pending > 0 || failed !== '' || rows.some((title) => title.startsWith('red'))),
    )
    expect(mixed).toEqual([])
    expect(page.hooks.client).toBe(page.rooms.room('blue'))

    await page.change({ room: 'red' })
    expect(page.pane).toMatchObject({ room: 'red', pending: 1, rows: ['red 1', 'red 2', 'red 3'] })
  })

  test('other options are another collection, and the rows of the old ones are not seen in it', async () => {
    const red = page.rooms.object('red')
    red.put('todos', { id: 'done', title: 'done', done: 1 })
    red.todos('open')
    await page.mount({ where: { done: false } })
    expect(page.pane.rows).toEqual(['open'])
    const { id } = page.hooks.collection
    await page.change({ where: { done: true } })
    expect(page.pane.rows).toEqual(['done'])
    expect(page.hooks.collection.id).not.toBe(id)
    expect(page.history.filter(({ rows }) => rows.length > 1)).toEqual([])
  })

  test('components that show the same rows share one collection, one subscription and one socket', async () => {
    const red = page.rooms.object('red')
    red.todos('a')
    await page.mount({ panes: 3 })
    expect(page.panes.map(({ rows }) => rows)).toEqual([['a'], ['a'], ['a']])
    expect(new Set(page.allHooks.map(({ collection }) => collection)).size).toBe(1)
    expect([red.dialled, red.sockets.size, red.asked()]).toEqual([1, 1, 1])
  })

  test('a client or a room that is handed to the hooks wins over the provider', async () => {
    page.rooms.object('blue').todos('blue')
    await page.mount({ paneRoom: 'blue' })
    expect(page.pane).toMatchObject({ rows: ['blue'], status: 'connected' })
    page.rooms.object('green').todos('green')
    await page.change({ paneRoom: page.rooms.room('green') })
    expect(page.pane).toMatchObject({ rows: ['green'], status: 'connected' })
    expect(page.hooks.client).toBe(page.rooms.room('green'))
    expect(page.rooms.object('red').dialled).toBe(0)
  })

  test('what is unmounted leaves no listener, no timer, no socket and no collection behind', async () => {
    page.rooms.object('red').todos('a')
    await page.mount({ panes: 2 })
    const { collection } = page.hooks
    expect(page.rooms.listeners).toBeGreaterThan(0)
    await page.unmount()
    expect(page.rooms.listeners).toBe(0)
    await page.act(() => {}, LONG_MS)
    expect({ status: collection.status, subscribers: collection.subscriberCount }).toEqual({
      status: 'cleaned-up',
      subscribers: 0,
    })
    expect([page.rooms.sockets, page.rooms.listeners, vi.getTimerCount()]).toEqual([0, 0, 0])

    await page.mount({ panes: 1 })
    expect(page.hooks.collection).not.toBe(collection)
    expect(page.pane.rows).toEqual(['a'])
  })

  test('what is unmounted has nobody listen to its page any more, and no timer', async () => {
    const listeners = new PageListeners()
    try {
      const visit = async () => {
        await page.mount({ panes: 2, holder: true })
        const during = listeners.now
        await page.unmount()
        await page.act(() => {}, LONG_MS)
        return during
      }
      // A framework begins to listen once, for good.
      await visit()
      const [before, during] = [listeners.now, await visit()]
      expect(during.length).toBeGreaterThan(before.length)
      expect(listeners.now).toEqual(before)
      expect(
        before.filter((each) => /^(?:online|offline|visibilitychange|pageshow|pagehide)/.test(each)),
      ).toEqual([])
      expect([page.rooms.sockets, vi.getTimerCount()]).toEqual([0, 0])
    } finally {
      listeners.restore()
    }
  })

  test('a room that was left lets go of its collection and its socket while another one is shown, and can be shown again', async () => {
    page.rooms.object('red').todos('a')
    await page.mount()
    const { collection } = page.hooks
    await page.change({ room: 'blue' })
    await page.act(() => {}, LONG_MS)
    expect(collection.status).toBe('cleaned-up')
    expect(page.rooms.object('red').sockets.size).toBe(0)
    expect(page.rooms.object('blue').sockets.size).toBe(1)
    expect(page.pane).toMatchObject({ room: 'blue', status: 'connected' })

    page.rooms.object('red').todos('b')
    await page.change({ room: 'red' })
    expect(page.pane).toMatchObject({ room: 'red', rows: ['a', 'b'], status: 'connected', phase: 'live' })
  })

  test('a banner that was there first hears of the connection that another component opens', async () => {
    await page.mount({ panes: 0, holder: true })
    expect(page.banner).toBe('idle')
    await page.change({ panes: 1 })
    expect(page.banner).toBe('connected')
    const red = page.rooms.object('red')
    red.open = () => {}
    await page.act(() => red.drop())
    expect(page.banner).toBe('reconnecting')
  })

  test('a client that is closed leaves the rows where they are', async () => {
    page.rooms.object('red').todos('a')
    await page.mount()
    await page.act(() => page.rooms.room('red').close())
    await page.act(() => {}, LONG_MS)
    expect(page.pane).toMatchObject({ rows: ['a'], status: 'closed' })
  })

  test('whoever comes back within the grace finds the rows, and asks the server for nothing', async () => {
    const red = page.rooms.object('red')
    red.todos('a')
    await page.mount()
    const { collection } = page.hooks
    await page.change({ panes: 0 })
    await page.act(() => {}, 3_000)
    page.history.splice(0)
    await page.change({ panes: 1 })
    expect(page.hooks.collection).toBe(collection)
    expect(page.pane).toMatchObject({ rows: ['a'], phase: 'live' })
    expect([red.dialled, red.asked()]).toEqual([1, 1])
  })

  test('a collection stays as long as one component has it, also when no live query uses it', async () => {
    const red = page.rooms.object('red')
    red.todos('a')
    await page.mount({ holder: true })
    const { collection } = page.hooks
    await page.change({ panes: 0 })
    await page.act(() => {}, LONG_MS)
    expect({ status: collection.status, subscribers: collection.subscriberCount }).toEqual({
      status: 'ready',
      subscribers: 0,
    })
    await page.change({ panes: 1 })
    expect(page.hooks.collection).toBe(collection)
    expect(page.pane.rows).toEqual(['a'])
    expect([red.dialled, red.asked()]).toEqual([1, 1])

    await page.change({ panes: 0, holder: false })
    await page.act(() => {}, LONG_MS)
    expect(collection.status).toBe('cleaned-up')
    expect([page.rooms.sockets, page.rooms.listeners, vi.getTimerCount()]).toEqual([0, 0, 0])
  })

  test('a component that a hot reload replaces keeps its collection and its socket', async () => {
    const red = page.rooms.object('red')
    red.todos('a')
    await page.mount()
    const { collection } = page.hooks
    for (const version of [2, 3, 4]) await page.change({ version })
    await page.act(() => {}, LONG_MS)
    expect(page.hooks.collection).toBe(collection)
    expect(page.pane.rows).toEqual(['a'])
    expect([red.dialled, red.sockets.size, red.asked()]).toEqual([1, 1, 1])
    await page.unmount()
    await page.act(() => {}, LONG_MS)
    expect([page.rooms.sockets, page.rooms.listeners, vi.getTimerCount()]).toEqual([0, 0, 0])
  })

  test('a write that is refused falls back, is listed with its reason, and can be tried again', async () => {
    const red = page.rooms.object('red')
    await page.mount()
    red.run = () => ({ is: 'rejected', code: 'too-late', message: 'Too late' })
    expected = /was refused and is taken back: Too late/
    await page.act(() => page.hooks.collection.insert(todo('late')).isPersisted.promise.catch(() => {}))
    expect(page.pane).toMatchObject({ rows: [], failed: 'Too late', pending: 0 })

    red.run = (item, server) => server.execute(item)
    const { client } = page.hooks
    await page.act(() => client.retryFailed(client.failedWrites.get().items[0]?.id ?? ''))
    expect(page.pane).toMatchObject({ rows: ['late'], failed: '', pending: 0 })
    expect(itemsTo(red)).toHaveLength(2)
  })

  test('a collection that the server refuses says so', async () => {
    page.rooms.object('red').refuses = () => 'unknown-collection'
    expected = /unknown-collection|entered error state/
    await page.mount()
    expect(page.pane).toMatchObject({ phase: 'error', status: 'connected', rows: [] })
  })

  test('the connection may come and go, and the page says so', async () => {
    const red = page.rooms.object('red')
    red.todos('a')
    await page.mount()
    const { open } = red
    red.open = () => {}
    expected = /the connection is tried again \(disconnected, /
    await page.act(() => red.drop())
    expect(page.pane).toMatchObject({ rows: ['a'], status: 'reconnecting', phase: 'stale' })
    await page.act(() => {}, 10_000)
    expect(page.pane).toMatchObject({ rows: ['a'], status: 'disconnected', phase: 'stale' })
    red.open = open
    red.put('todos', { id: 'b', title: 'b', done: 0 })
    await page.act(() => {}, LONG_MS)
    expect(page.pane).toMatchObject({ rows: ['a', 'b'], status: 'connected', phase: 'live' })
  })

  test('what a server has rendered is taken over without a mismatch, also by a client that knows more by then', async () => {
    const red = page.rooms.object('red')
    red.todos('a')
    const { status, pendingWrites } = page.rooms.room('red')
    await page.act(() => page.rooms.room('red').call.touch())
    red.passes = (frame) => !isReceipt(frame)
    await page.act(() => void page.rooms.room('red').call.touch())
    expect([status.get().state, pendingWrites.get().count]).toEqual(['connected', 1])
    await page.hydrate(rendered)
    await page.act(() => red.release())
    expect(page.pane).toEqual({
      room: 'red',
      status: 'connected',
      pending: 0,
      failed: '',
      phase: 'live',
      rows: ['a'],
    })
  })

  test('options with indexes are made anew for every DbClient, with their indexes', async () => {
    const client = page.rooms.room('red')
    const options = driver.withIndexes(
      doCollectionOptions({ id: 'todos', client, table: 'todos', syncMode: 'on-demand' }),
    )
    // Its own type says that it may have no id.
    const described = db.collectionOptions(options as typeof options & { id: string })
    const clients = [new db.DbClient(), new db.DbClient()]
    const [one, other] = clients.map((each) => each.collection(described))
    expect(one).not.toBe(other)
    for (const { config } of [one, other] as (typeof one & object)[])
      expect(config).toMatchObject({
        autoIndex: 'eager',
        defaultIndexType: db.BasicIndex,
        syncMode: 'on-demand',
      })
    await Promise.all(clients.map((each) => each.cleanup()))
  })

  test('without a provider the error names the fix', () => {
    expected = /No sync client|missing template or render function/
    expect(driver.alone).toThrow(expect.objectContaining({ name: 'ProtocolError', code: 'provider-missing' }))
    expect(driver.alone).toThrow(/No sync client: .*\bclient\b.* hand the client to the hook/)
  })
}
