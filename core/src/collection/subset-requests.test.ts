import { getEventListeners } from 'node:events'
import * as newest from '@tanstack/db'
import * as oldest from 'tanstack-db-oldest'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ending, row, type TodoApi, todo } from '../client/testing/todo-room.ts'
import { ConnectionError } from '../errors.ts'
import { createTestServer } from '../test-server/index.ts'
import { doCollectionOptions } from './do-collection-options.ts'
import type { SubsetRequest } from './expression-like.ts'
import { SUBSETS } from './subsets-part.ts'
import { closeAll, first, ref, run, titled } from './testing/bare-collection.ts'
import { latePart } from './testing/late-part.ts'

let late: ReturnType<typeof latePart>
beforeEach(() => {
  late = latePart(SUBSETS)
})
afterEach(async () => {
  await closeAll()
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const until = (check: () => void) => vi.waitFor(check, { timeout: 1000, interval: 1 })
const aWhile = () => new Promise((resolve) => setTimeout(resolve, 10))
const NOT_LOADED = new ConnectionError('code-not-loaded', 'no such file')

describe('requests of live queries before there is code for subsets', () => {
  it('wait for it, share one subscription as they do with it, and load their rows', async () => {
    const { server, load, rows, joins, phase } = run()
    server.put('todos', row('a', 'x'))
    const request = { where: titled('x') }
    const loads = [load(request), load(request), load({ where: titled('x') })]
    expect(phase()).toBe('loading')
    await aWhile()
    expect([server.heard, rows.size]).toEqual([[], 0])
    await late.arrive()
    await Promise.all(loads)
    expect([[...rows.keys()], joins(), phase()]).toEqual([['a'], 1, 'live'])
    expect(load(request)).toBe(true)
  })

  it('are asked of nobody when they are let go of, and their promises settle', async () => {
    const { server, load, unload, phase } = run()
    const request = { where: titled('x') }
    const loading = load(request)
    unload(request)
    expect(await loading).toBeUndefined()
    expect(phase()).toBe('idle')
    const aborting = new AbortController()
    const aborted = ending(Promise.resolve(load({ where: titled('y'), signal: aborting.signal })))
    aborting.abort(new Error('not any more'))
    expect(await aborted).toMatchObject({ message: 'not any more' })
    await late.arrive()
    await aWhile()
    expect(server.heard).toEqual([])
  })

  it('are refused at once where no server could answer them, and nothing at all is there at once', async () => {
    vi.spyOn(console, 'error').mockReturnValue()
    const { load } = run()
    const nested = { type: 'func', name: 'eq', args: [ref('title'), ref('id')] } as const
    expect(await ending(Promise.resolve(load({ where: nested })))).toMatchObject({
      code: 'predicate-unsupported',
    })
    const { signal } = new AbortController()
    expect(load({ where: { type: 'val', value: false }, signal })).toBe(true)
    // TanStack DB aborts whatever it lets go of: nobody would hear of it.
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('end with the collection: what comes then is not used', async () => {
    const { server, load, cleanup, rows, phase } = run()
    server.put('todos', row('a', 'x'))
    const loading = load({ where: titled('x') })
    cleanup()
    expect(await loading).toBeUndefined()
    await late.arrive()
    await aWhile()
    expect([rows.size, server.heard, phase()]).toEqual([0, [], 'idle'])
  })

  it('reject when the client is closed, those that come after it, too', async () => {
    const { client, load, phase } = run()
    const loading = ending(Promise.resolve(load({ where: titled('x') })))
    await client.close()
    expect(phase()).toBe('error')
    expect(await loading).toMatchObject({ code: 'client-closed' })
    expect(await ending(Promise.resolve(load({ where: titled('y') })))).toMatchObject({
      code: 'client-closed',
    })
  })

  it('say that it could not be loaded, and are served when it could, however often that has to be tried', async () => {
    vi.useFakeTimers()
    vi.spyOn(console, 'error').mockReturnValue()
    const { server, load, rows, phase } = run()
    server.put('todos', row('a', 'x'))
    const loading = load(first(1))
    late.fail(NOT_LOADED)
    await vi.advanceTimersByTimeAsync(0)
    expect(phase()).toBe('error')
    await vi.advanceTimersByTimeAsync(1000)
    expect(late.asked()).toBe(2)
    late.fail(NOT_LOADED)
    await vi.advanceTimersByTimeAsync(2000)
    expect(late.asked()).toBe(3)
    await late.arrive()
    await vi.advanceTimersByTimeAsync(100)
    await loading
    expect([[...rows.keys()], phase()]).toEqual([['a'], 'live'])
  })
})

describe('rows that came with the page, before there is code for subsets,', () => {
  const ofList = (title: string, id: string): SubsetRequest => ({
    where: {
      type: 'func',
      name: 'and',
      args: [titled(title), { type: 'func', name: 'eq', args: [ref('id'), { type: 'val', value: id }] }],
    },
  })

  /** Both todos with the title `x` came with the page. */
  function page() {
    const bare = run()
    const rows = ['a', 'b'].map((id) => todo(id, 'x'))
    for (const { id } of rows) bare.server.put('todos', row(id, 'x'))
    const server = createTestServer<TodoApi>({
      collections: { todos: { columns: { done: 'boolean' }, rows } },
    })
    bare.client.hydrate(server.snapshot({ table: 'todos', where: { title: 'x' } }))
    return { ...bare, shown: () => [...bare.rows.keys()] }
  }

  it('stay as long as one of those who asked for them does, also one that asks again at once', async () => {
    const { load, unload, shown, phase } = page()
    const [one, other, again] = [1, 2, 3].map(() => ({ where: titled('x') })) as [object, object, object]
    expect([load(one), load(other), phase()]).toEqual([true, true, 'stale'])
    unload(one)
    await aWhile()
    expect(shown()).toEqual(['a', 'b'])
    unload(other)
    expect(load(again)).toBe(true)
    await aWhile()
    expect(shown()).toEqual(['a', 'b'])
    unload(again)
    await until(() => expect(shown()).toEqual([]))
  })

  it('are there at once for who wants a part of them, and stay for those', async () => {
    const { load, unload, shown, phase } = page()
    const whole = { where: titled('x') }
    load(whole)
    expect(load(ofList('x', 'a'))).toBe(true)
    expect(phase()).toBe('stale')
    expect(load(ofList('y', 'a'))).toBeInstanceOf(Promise)
    expect(phase()).toBe('loading')
    unload(whole)
    await aWhile()
    expect(shown()).toEqual(['a', 'b'])
    await late.arrive()
    await until(() => expect(shown()).toEqual(['a']))
  })

  it('are shown where a listener of the application throws, and what it threw is reported', async () => {
    const reported = vi.spyOn(console, 'error').mockReturnValue()
    const { load, unload, listen, shown } = page()
    const request = { where: titled('x') }
    listen(() => {
      throw new Error('of the application')
    })
    expect(load(request)).toBe(true)
    expect(shown()).toEqual(['a', 'b'])
    unload(request)
    await until(() => expect(shown()).toEqual([]))
    expect(reported).toHaveBeenCalledTimes(2)
  })
})

describe.each([
  ['0.15.2', newest],
  ['0.9.2', oldest as unknown as typeof newest],
] as const)('a window that came with the page, under @tanstack/db %s', (_, db) => {
  /** The first two todos, which came with the page; the server has `b` no more. */
  function page() {
    const server = createTestServer<TodoApi>({
      collections: { todos: { columns: { done: 'boolean' }, rows: ['a', 'b', 'c'].map((id) => todo(id)) } },
    })
    const orderBy = [{ column: 'title', nulls: 'first', stringSort: 'lexical' }] as const
    const snapshot = server.snapshot({ table: 'todos', orderBy, limit: 2 })
    server.delete('todos', 'b')
    const client = server.client()
    client.hydrate(snapshot)
    const todos = db.createCollection({
      ...doCollectionOptions({ client, table: 'todos', syncMode: 'on-demand' }),
      autoIndex: 'eager',
      defaultIndexType: db.BasicIndex,
    })
    const window = db.createLiveQueryCollection((q) =>
      q
        .from({ t: todos })
        .orderBy(({ t }) => t.title, {
          direction: 'asc',
          nulls: 'first',
          stringSort: 'lexical',
        })
        .limit(2),
    )
    return { server, client, todos, window }
  }
  const keysOf = (live: { keys(): Iterable<unknown> }) => [...live.keys()]

  it('is shown before there is code for it, and becomes what the server has without a gap', async () => {
    const { server, todos, window } = page()
    const sizes: number[] = []
    todos.subscribeChanges(() => sizes.push(todos.size))
    await window.preload()
    expect(keysOf(window)).toEqual(['a', 'b'])
    await late.arrive()
    await until(() => expect(keysOf(window)).toEqual(['a', 'c']))
    expect(Math.min(...sizes)).toBeGreaterThan(0)
    await server.close()
  })

  it('leaves with a logout before there is code for it', async () => {
    const { server, client, window, todos } = page()
    await window.preload()
    await client.logout()
    expect(todos.size).toBe(0)
    await server.close()
  })
})
