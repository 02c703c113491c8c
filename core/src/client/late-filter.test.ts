import { createCollection } from '@tanstack/db'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { doCollectionOptions } from '../collection/do-collection-options.ts'
import { FILTERS } from '../collection/filter-part.ts'
import { latePart } from '../collection/testing/late-part.ts'
import { ConnectionError } from '../errors.ts'
import { createTestServer } from '../test-server/index.ts'
import { openRoom, row, type TodoApi, todo } from './testing/todo-room.ts'

let late: ReturnType<typeof latePart>
beforeEach(() => {
  late = latePart(FILTERS)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const until = (check: () => void) => vi.waitFor(check, { timeout: 1000, interval: 1 })

function room() {
  const { server, client, todoOptions } = openRoom()
  const rows = [row('a', 'x'), row('b', 'y')]
  for (const each of rows) server.put('todos', each)
  const filtered = createCollection(doCollectionOptions({ client, table: 'todos', where: { title: 'x' } }))
  return { server, client, filtered, all: () => createCollection(todoOptions) }
}

describe('a collection with a filter, before there is code for filters', () => {
  test('holds up neither the connection nor other collections, and has its rows as soon as the code is there', async () => {
    const { server, client, filtered, all } = room()
    filtered.subscribeChanges(() => {})
    await until(() => expect(client.status.get().state).toBe('connected'))
    const others = all()
    await others.preload()
    expect([others.size, filtered.size]).toEqual([2, 0])
    expect(filtered.utils.syncState.get().phase).toBe('loading')
    await late.arrive()
    await filtered.preload()
    expect([...filtered.keys()]).toEqual(['a'])
    server.put('todos', row('b', 'x'))
    server.put('todos', row('a', 'y'))
    server.flush()
    await until(() => expect([...filtered.keys()]).toEqual(['b']))
    await client.close()
  })

  test('that ends meanwhile is asked of nobody', async () => {
    const { server, client, filtered } = room()
    filtered.subscribeChanges(() => {}).unsubscribe()
    await filtered.cleanup()
    await late.arrive()
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(server.heard.filter(({ type }) => type === 'join')).toEqual([])
    await client.close()
  })

  test('is told when the client closes that nothing will come', async () => {
    const { client, filtered } = room()
    filtered.subscribeChanges(() => {})
    await client.close()
    expect(filtered.utils.syncState.get()).toMatchObject({ phase: 'error', error: { code: 'client-closed' } })
    expect(filtered.status).toBe('error')
  })

  test('that begins when the client is closed is told so, too', async () => {
    const { client, filtered } = room()
    await client.close()
    filtered.subscribeChanges(() => {})
    expect(filtered.utils.syncState.get()).toMatchObject({ phase: 'error', error: { code: 'client-closed' } })
  })

  test('says that it could not be loaded, and has its rows when it could', async () => {
    vi.useFakeTimers()
    const { client, filtered } = room()
    filtered.subscribeChanges(() => {})
    late.fail(new ConnectionError('code-not-loaded', 'no such file'))
    await vi.advanceTimersByTimeAsync(0)
    expect(filtered.utils.syncState.get()).toMatchObject({
      phase: 'error',
      error: { name: 'ConnectionError', code: 'code-not-loaded' },
    })
    await vi.advanceTimersByTimeAsync(1000)
    await late.arrive()
    await vi.advanceTimersByTimeAsync(100)
    expect([[...filtered.keys()], filtered.utils.syncState.get().phase]).toEqual([['a'], 'live'])
    await client.close()
  })

  test('shows rows that came with the page, and then what the server has', async () => {
    const rows = ['a', 'b'].map((id) => todo(id, 'x'))
    const server = createTestServer<TodoApi>({
      collections: { todos: { columns: { done: 'boolean' }, rows } },
    })
    const snapshot = server.snapshot({ table: 'todos', where: { title: 'x' } })
    const client = server.client()
    client.hydrate(snapshot)
    const filtered = createCollection(doCollectionOptions({ client, table: 'todos', where: { title: 'x' } }))
    filtered.subscribeChanges(() => {})
    expect([[...filtered.keys()], filtered.status]).toEqual([['a', 'b'], 'ready'])
    server.put('todos', todo('b', 'y'))
    await late.arrive()
    await until(() => expect([...filtered.keys()]).toEqual(['a']))
    await server.close()
  })
})
