import * as newest from '@tanstack/db'
import * as oldest from 'tanstack-db-oldest'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ending, isReceipt, openRoom, row, todo } from '../client/testing/todo-room.ts'
import type { TransactionLike } from './collection-options-shape.ts'
import { SettledTogether } from './settled-together.ts'

const clients: { close(): Promise<void> }[] = []
afterEach(async () => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  await Promise.all(clients.splice(0).map((client) => client.close()))
})

function setup(db: typeof newest) {
  const { server, client, todoOptions, noteOptions } = openRoom()
  clients.push(client)
  return { server, client, todos: db.createCollection(todoOptions), notes: db.createCollection(noteOptions) }
}

const ids = (count: number) => Array.from({ length: count }, (_, i) => `row ${i}`)
const persisted = (transactions: readonly { isPersisted: { promise: Promise<unknown> } }[]) =>
  Promise.all(transactions.map(({ isPersisted }) => isPersisted.promise))

const versions = [
  ['0.9.2', oldest as unknown as typeof newest],
  ['0.15.2', newest],
] as const

describe.each(versions)('what one frame confirms, under @tanstack/db %s,', (_, db) => {
  it('is computed once for each collection, however many transactions it is', async () => {
    const { client, todos, notes } = setup(db)
    await Promise.all([todos.preload(), notes.preload()])
    const asked = [todos, notes].map(({ _state }) => vi.spyOn(_state, 'onTransactionStateChange'))
    const written = ids(20).map((id) => todos.insert(todo(id)))
    const both = db.createTransaction({ mutationFn: client.mutationFn })
    both.mutate(() => {
      todos.insert(todo('of both'))
      notes.insert({ id: 'of both', text: 'x' })
    })
    for (const spy of asked) spy.mockClear()
    await persisted([...written, both])
    expect(asked.map((spy) => spy.mock.calls.length)).toEqual([2, 1])
    expect([...written, both].map(({ state }) => state)).toEqual(ids(21).map(() => 'completed'))
    expect([todos.size, notes.size]).toEqual([21, 1])
  })

  it('is shown as the server has it by the time that the first of it is persisted', async () => {
    const { server, todos } = setup(db)
    await todos.preload()
    server.run = (item) => {
      const outcome = server.execute(item)
      for (const id of server.table('todos').keys()) server.put('todos', row(id, `made of ${id}`))
      return outcome
    }
    const [first] = ids(5).map((id) => todos.insert(todo(id)))
    await first?.isPersisted.promise
    expect(todos.toArray.map(({ title }) => title).sort()).toEqual(ids(5).map((id) => `made of ${id}`))
  })

  it('leaves nothing of optimistic rows that the server confirmed without writing anything', async () => {
    const { server, todos } = setup(db)
    await todos.preload()
    server.run = () => ({ is: 'committed' })
    const [first] = ids(5).map((id) => todos.insert(todo(id)))
    await first?.isPersisted.promise
    expect(todos.size).toBe(0)
  })

  it('leaves out what the application has rolled back, and what the server refused', async () => {
    const { server, todos } = setup(db)
    await todos.preload()
    server.run = (item) =>
      item.n === 2 ? { is: 'rejected', code: 'denied', message: 'no' } : server.execute(item)
    server.passes = (frame) => !isReceipt(frame)
    const written = ids(4).map((id) => todos.insert(todo(id)))
    const endings = written.map(({ isPersisted }) => ending(isPersisted.promise))
    await vi.waitFor(() => expect(server.table('todos').size).toBe(3))
    written[2]?.rollback()
    server.passes = () => true
    server.drop()
    expect(await Promise.all(endings)).toMatchObject(['ok', { code: 'denied' }, undefined, 'ok'])
    expect(written.map(({ state }) => state)).toEqual(['completed', 'failed', 'failed', 'completed'])
    expect([...todos.keys()].sort()).toEqual(['row 0', 'row 2', 'row 3'])
  })

  it('shows no edit of a row over a later one', async () => {
    const { server, todos } = setup(db)
    server.put('todos', row('a', 'zero'))
    await todos.preload()
    const titles: unknown[] = []
    const edits = ['one', 'two', 'three'].map((title) =>
      todos.update('a', (draft) => {
        draft.title = title
      }),
    )
    todos.subscribeChanges(() => titles.push(todos.get('a')?.title))
    await persisted([...edits, todos.insert(todo('b')), todos.insert(todo('c'))])
    expect(new Set(titles)).toEqual(new Set(['three']))
    expect(edits.map(({ state }) => state)).toEqual(['completed', 'completed', 'completed'])
  })

  it('is persisted only when a handler of the application around it has done the rest, and not when that throws', async () => {
    const { client, todos } = setup(db)
    await todos.preload()
    let goOn: () => void = () => {}
    const rest = new Promise<void>((resolve) => {
      goOn = resolve
    })
    const wrapped = ids(3).map((id) => {
      const transaction = db.createTransaction({
        mutationFn: async (params) => {
          await client.mutationFn(params)
          await rest
          if (id === 'row 1') throw new Error('of the application')
        },
      })
      transaction.mutate(() => todos.insert(todo(id)))
      return transaction
    })
    const endings = wrapped.map(({ isPersisted }) => ending(isPersisted.promise))
    await vi.waitFor(() => expect(client.pendingWrites.get().count).toBe(0))
    expect(wrapped.map(({ state }) => state)).toEqual(['persisting', 'persisting', 'persisting'])
    goOn()
    expect(await Promise.all(endings)).toMatchObject(['ok', { message: 'of the application' }, 'ok'])
  })

  it('is persisted where a listener of the application throws, and what it threw is reported', async () => {
    const { client, todos } = setup(db)
    await todos.preload()
    const reported: unknown[] = []
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error))
    let throws = false
    todos.subscribeChanges(() => {
      if (throws) throw new Error('of the application')
    })
    const written = ids(5).map((id) => todos.insert(todo(id)))
    throws = true
    await persisted(written)
    expect(written.map(({ state }) => state)).toEqual(ids(5).map(() => 'completed'))
    expect(todos.size).toBe(5)
    expect(client.pendingWrites.get().count).toBe(0)
    expect(reported).toContainEqual(new Error('of the application'))
  })
})

describe('a transaction that this cannot complete', () => {
  const host = { report: () => {}, retire: () => {} }
  const bare = (): TransactionLike => ({
    state: 'persisting',
    mutations: [],
    isPersisted: { promise: Promise.resolve() },
  })

  it('is left to whoever made it', async () => {
    const together = new SettledTogether(host)
    const transactions = [bare(), bare()]
    for (const transaction of transactions) together.enter(transaction)
    await Promise.all(transactions.map((transaction) => together.leave(transaction)))
    expect(transactions.map(({ state }) => state)).toEqual(['persisting', 'persisting'])
  })
})
