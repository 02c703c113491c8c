import * as newest from '@tanstack/db'
import * as oldest from 'tanstack-db-oldest'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ending, openRoom, row, type TodoApi } from '../client/testing/todo-room.ts'
import type { JoinFrame, Predicate } from '../wire/index.ts'
import { doCollectionOptions } from './do-collection-options.ts'

const versions = [
  ['0.9.2', oldest as unknown as typeof newest],
  ['0.15.2', newest],
] as const

const clients: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
})

const until = (check: () => void) => vi.waitFor(check, { timeout: 1000, interval: 1 })
const aWhile = () => new Promise((resolve) => setTimeout(resolve, 10))
const titled = (title: string): Predicate => ({ op: 'eq', column: 'title', value: title })

function setup(
  db: typeof newest,
  options: Partial<Parameters<typeof doCollectionOptions<TodoApi, 'todos'>>[0]> = {},
) {
  const { server, client } = openRoom()
  clients.push(client)
  const todos = db.createCollection({
    ...doCollectionOptions({ client, table: 'todos', syncMode: 'on-demand', ...options }),
    autoIndex: 'eager',
    defaultIndexType: db.BasicIndex,
  })
  const byTitle = (title: string) =>
    db.createLiveQueryCollection((q) => q.from({ t: todos }).where(({ t }) => db.eq(t.title, title)))
  const first = (limit: number, stringSort: 'lexical' | 'locale' = 'lexical') =>
    db.createLiveQueryCollection((q) =>
      q
        .from({ t: todos })
        .orderBy(({ t }) => t.title, { direction: 'asc', nulls: 'first', stringSort })
        .limit(limit),
    )
  const joins = () => server.heard.filter((frame): frame is JoinFrame => frame.type === 'join')
  return { server, client, todos, byTitle, first, joins }
}

const idsOf = ({ toArray }: { readonly toArray: readonly { readonly id: string }[] }) =>
  toArray.map(({ id }) => id).sort()

describe.each(versions)('on demand under @tanstack/db %s', (_, db) => {
  it('asks for nothing before a live query does', async () => {
    const { server, todos } = setup(db)
    server.put('todos', row('a'))
    await todos.preload()
    await aWhile()
    expect(server.heard).toEqual([])
    expect([todos.size, todos.status]).toEqual([0, 'ready'])
  })

  it('loads what a live query asks for, keeps it up to date, and nothing else', async () => {
    const { server, byTitle, todos } = setup(db)
    server.put('todos', row('a', 'x'))
    server.put('todos', row('b', 'y'))
    const live = byTitle('x')
    await live.preload()
    expect(idsOf(live)).toEqual(['a'])
    expect(idsOf(todos)).toEqual(['a'])
    server.put('todos', row('b', 'x'))
    server.put('todos', row('c', 'y'))
    server.flush()
    await until(() => expect(idsOf(live)).toEqual(['a', 'b']))
    expect(idsOf(todos)).toEqual(['a', 'b'])
    expect(todos.utils.stats()).toMatchObject({ rows: 2, subscriptions: 1 })
  })

  it('shares one subscription between equal requests, and between a request and what is within it [F8]', async () => {
    const { server, joins, byTitle, todos } = setup(db)
    for (const id of ['a', 'b']) server.put('todos', row(id, 'x'))
    const queries = [byTitle('x'), byTitle('x')]
    const within = db.createLiveQueryCollection((q) =>
      q.from({ t: todos }).where(({ t }) => db.and(db.eq(t.id, 'a'), db.eq(t.title, 'x'))),
    )
    await Promise.all([...queries, within].map((live) => live.preload()))
    expect([...queries, within].map(idsOf)).toEqual([['a', 'b'], ['a', 'b'], ['a']])
    expect(joins()).toHaveLength(1)
  })

  it('serves ten windows over one order with one subscription, ties included [F8]', async () => {
    const { server, joins, first } = setup(db)
    for (let i = 0; i < 40; i++) server.put('todos', row(`k${i + 10}`, `t${Math.floor(i / 5)}`))
    const windows = Array.from({ length: 10 }, (_, i) => first(i + 1))
    await Promise.all(windows.map((live) => live.preload()))
    expect(windows.map(({ size }) => size)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(joins()).toHaveLength(1)
  })

  it('lets rows go when no live query needs them any more, and not those that another one shows [F2, F3]', async () => {
    const { server, byTitle, todos } = setup(db)
    server.put('todos', row('a', 'x'))
    server.put('todos', row('b', 'y'))
    const either = db.createLiveQueryCollection((q) =>
      q.from({ t: todos }).where(({ t }) => db.or(db.eq(t.title, 'x'), db.eq(t.title, 'z'))),
    )
    const [x, y] = [byTitle('x'), byTitle('y')]
    await Promise.all([either.preload(), x.preload(), y.preload()])
    expect(idsOf(todos)).toEqual(['a', 'b'])
    const sizes: number[] = []
    todos.subscribeChanges(() => sizes.push(todos.size), { includeInitialState: false })
    await Promise.all([x.cleanup(), y.cleanup()])
    await until(() => expect(idsOf(todos)).toEqual(['a']))
    expect(sizes).toEqual([1])
    expect(server.heard.filter(({ type }) => type === 'leave')).toHaveLength(2)
    // Deleted while nobody looked: it does not come back.
    server.remove('todos', 'b')
    const again = byTitle('y')
    await again.preload()
    expect(idsOf(again)).toEqual([])
  })

  it('moves a row between two disjoint subsets in one commit, and removes it from both when it is deleted [F2, E6]', async () => {
    const { server, byTitle, todos } = setup(db)
    server.put('todos', { ...row('a', 'x'), done: 1 })
    const [x, y] = [byTitle('x'), byTitle('y')]
    await Promise.all([x.preload(), y.preload()])
    const seen: string[][] = []
    todos.subscribeChanges((changes) => seen.push(changes.map(({ type }) => type)), {
      includeInitialState: false,
    })
    server.put('todos', { ...row('a', 'y'), done: 1 })
    server.flush()
    await until(() => expect([idsOf(x), idsOf(y)]).toEqual([[], ['a']]))
    expect(seen).toEqual([['update']])
    expect(y.get('a')).toMatchObject({ id: 'a', title: 'y', done: true })
    server.remove('todos', 'a')
    server.flush()
    await until(() => expect(todos.size + y.size).toBe(0))
  })

  it('subscribes anew when a query returns while its rows are on their way, without ghosts [F4, F5]', async () => {
    const { server, byTitle, joins, todos } = setup(db)
    server.put('todos', row('a', 'x'))
    server.joins = 'kept'
    const first = byTitle('x')
    first.subscribeChanges(() => {})
    await until(() => expect(joins()).toHaveLength(1))
    await first.cleanup()
    await aWhile()
    server.remove('todos', 'a')
    const second = byTitle('x')
    const loaded = second.preload()
    await until(() => expect(joins()).toHaveLength(2))
    server.release()
    await loaded
    expect([idsOf(second), todos.size]).toEqual([[], 0])
    expect(server.joined.size).toBe(1)
  })

  it('rejects the load that is refused, with its code, and no other [E4, E5, F6]', async () => {
    const { server, byTitle, todos } = setup(db)
    server.put('todos', row('a', 'x'))
    server.refuses = ({ where }) =>
      JSON.stringify(where) === JSON.stringify(titled('bad')) ? 'unknown-column' : undefined
    const [good, bad, empty] = [byTitle('x'), byTitle('bad'), byTitle('none')]
    const ends = await Promise.all([good, bad, empty].map((live) => ending(live.preload())))
    expect(ends[0]).toBe('ok')
    expect(ends[1]).not.toBe('ok')
    expect(ends[2]).toBe('ok')
    expect([bad.status, empty.status]).toEqual(['error', 'ready'])
    server.put('todos', row('b', 'x'))
    server.flush()
    await until(() => expect(idsOf(good)).toEqual(['a', 'b']))
    await aWhile()
    expect(server.heard.filter(({ type }) => type === 'join')).toHaveLength(3)
    expect(todos.utils.stats().subscriptions).toBe(2)
  })

  it('loads the whole filter when the server cannot give the order [E9]', async () => {
    const { server, first, joins } = setup(db)
    for (const id of ['b', 'a', 'C', 'ä', 'd']) server.put('todos', row(id))
    server.refuses = ({ window }) => (window ? 'order-unsupported' : undefined)
    const live = first(3, 'locale')
    await live.preload()
    expect(live.toArray.map(({ id }) => id)).toEqual(['a', 'ä', 'b'])
    expect(joins().filter(({ window }) => !window)).toHaveLength(1)
  })

  it('limits every subset to the filter of the collection [I6]', async () => {
    const { server, byTitle, joins, todos } = setup(db, { where: { done: true } })
    server.put('todos', { ...row('a', 'x'), done: 1 })
    server.put('todos', row('b', 'x'))
    const live = byTitle('x')
    await live.preload()
    expect(idsOf(todos)).toEqual(['a'])
    expect(joins()[0]?.where).toEqual({
      op: 'and',
      of: [{ op: 'eq', column: 'done', value: true }, titled('x')],
    })
  })

  it('shows a page of its own beside the first one, and grows by one page [E12, F1]', async () => {
    const { server, first, joins, todos } = setup(db)
    for (let i = 10; i < 60; i++) server.put('todos', row(`k${i}`))
    const live = first(5)
    await live.preload()
    const second = db.createLiveQueryCollection((q) =>
      q
        .from({ t: todos })
        .orderBy(({ t }) => t.title, { direction: 'asc', nulls: 'first', stringSort: 'lexical' })
        .limit(5)
        .offset(20),
    )
    await second.preload()
    expect(live.toArray.map(({ id }) => id)).toEqual(['k10', 'k11', 'k12', 'k13', 'k14'])
    expect(second.toArray.map(({ id }) => id)).toEqual(['k30', 'k31', 'k32', 'k33', 'k34'])
    expect(joins()).toHaveLength(1)
    expect(server.heard.filter(({ type }) => type === 'page')).toHaveLength(1)
    const { received } = todos.utils.stats()
    expect(received).toBe(25 + 13)
    await second.cleanup()
    // 0.9.2 takes rows that leave for a reason to ask for everything.
    if (db === newest) await until(() => expect(todos.utils.stats().rows).toBe(8))
  })

  it('shows nothing of a write that lands outside every subset, once it is confirmed [C16]', async () => {
    const { server, byTitle, todos } = setup(db)
    await byTitle('x').preload()
    const tx = todos.insert({ id: 'out', title: 'other', done: false })
    expect(todos.has('out')).toBe(true)
    await tx.isPersisted.promise
    await until(() => expect(todos.has('out')).toBe(false))
    expect(server.table('todos').has('out')).toBe(true)
  })

  it('settles a load only when its rows are visible, also while a write is persisting [F10]', async () => {
    const { server, byTitle, todos } = setup(db)
    server.put('todos', row('a', 'x'))
    await byTitle('y').preload()
    server.passes = (frame) => frame.type !== 'changes'
    const tx = todos.insert({ id: 'mine', title: 'y', done: false })
    await until(() => expect(server.table('todos').has('mine')).toBe(true))
    const live = byTitle('x')
    let loaded = 'no'
    const load = live.preload().then(() => {
      loaded = live.has('a') ? 'with its row' : 'without its row'
    })
    await aWhile()
    expect(loaded).toBe('no')
    server.release()
    await Promise.all([tx.isPersisted.promise, load])
    expect(loaded).toBe('with its row')
  })

  it('keeps an edited row until its write is settled when its query is gone [F9]', async () => {
    const { server, byTitle, todos } = setup(db)
    server.put('todos', row('a', 'x'))
    const live = byTitle('x')
    await live.preload()
    server.passes = (frame) => frame.type !== 'changes'
    const tx = todos.update('a', (draft) => {
      draft.done = true
    })
    await live.cleanup()
    await aWhile()
    expect(todos.get('a')?.done).toBe(true)
    server.release()
    await tx.isPersisted.promise
    await until(() => expect(todos.has('a')).toBe(false))
    expect(server.table('todos').get('a')).toMatchObject({ done: 1 })
  })

  it('restores all subsets after a reconnect, with one position [B5]', async () => {
    const { server, byTitle, first, joins } = setup(db)
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) server.put('todos', row(id, id < 'd' ? 'x' : 'y'))
    const [x, y, window] = [byTitle('x'), byTitle('y'), first(2)]
    await Promise.all([x.preload(), y.preload(), window.preload()])
    const before = joins().length
    server.passes = (frame) => frame.type !== 'welcome'
    server.drop()
    server.remove('todos', 'a')
    server.put('todos', row('b', 'y'))
    server.put('todos', row('g', 'x'))
    await aWhile()
    server.release()
    await until(() =>
      expect([idsOf(x), idsOf(y)]).toEqual([
        ['c', 'g'],
        ['b', 'd', 'e', 'f'],
      ]),
    )
    await until(() => expect(window.toArray.map(({ id }) => id)).toEqual(['c', 'g']))
    if (db === newest) expect(joins()).toHaveLength(before)
  })

  it('tells loads that wait when the client is closed', async () => {
    const { server, byTitle, client, joins } = setup(db)
    server.joins = 'kept'
    const live = byTitle('x')
    const load = ending(live.preload())
    await until(() => expect(joins()).toHaveLength(1))
    await client.close()
    expect(await load).not.toBe('ok')
  })

  it('says once for each column which line a collection without an index lacks', async () => {
    const { client, server } = setup(db)
    server.put('todos', row('a'))
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const bare = db.createCollection(
      doCollectionOptions({ client, table: 'todos', syncMode: 'on-demand', id: 'bare' }),
    )
    const first = (limit: number) =>
      db.createLiveQueryCollection((q) =>
        q
          .from({ t: bare })
          .orderBy(({ t }) => t.title, { direction: 'asc', nulls: 'first', stringSort: 'lexical' })
          .limit(limit),
      )
    await Promise.all([first(2).preload(), first(3).preload()])
    const ours = warned.mock.calls
      .map(([message]) => String(message))
      .filter((said) => said.startsWith('durable-sync'))
    expect(ours).toHaveLength(1)
    expect(ours[0]).toMatch(/"todos" by "title".*autoIndex: 'eager', defaultIndexType: BasicIndex/)
    warned.mockClear()
    const { first: indexedFirst } = setup(db)
    await indexedFirst(2).preload()
    expect(warned.mock.calls.filter(([message]) => String(message).startsWith('durable-sync'))).toEqual([])
    warned.mockRestore()
  })
})
