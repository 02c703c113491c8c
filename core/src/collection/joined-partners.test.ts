import * as newest from '@tanstack/db'
import * as oldest from 'tanstack-db-oldest'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openRoom, row } from '../client/testing/todo-room.ts'
import { doCollectionOptions } from './do-collection-options.ts'

const versions = [
  ['0.9.2', oldest as unknown as typeof newest],
  ['0.15.2', newest],
] as const

const clients: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
})

const until = (check: () => void) => vi.waitFor(check, { timeout: 4000, interval: 1 })
const name = (i: number) => `t${String(i).padStart(3, '0')}`

/** Notes, and the todo that each is about, which is loaded for it. */
function setup(db: typeof newest) {
  const { server, client } = openRoom()
  clients.push(client)
  const indexed = { autoIndex: 'eager', defaultIndexType: db.BasicIndex } as const
  const notes = db.createCollection({ ...doCollectionOptions({ client, table: 'notes' }), ...indexed })
  const todos = db.createCollection({
    ...doCollectionOptions({ client, table: 'todos', syncMode: 'on-demand' }),
    ...indexed,
  })
  const joined = db.createLiveQueryCollection((q) =>
    q
      .from({ note: notes })
      .leftJoin({ todo: todos }, ({ note, todo }) => db.eq(note.text, todo.id))
      .select(({ note, todo }) => ({ id: note.id, title: todo?.title })),
  )
  // Without a subscriber it would be cleaned up after five seconds.
  joined.subscribeChanges(() => {})
  const shown = () => joined.toArray.map(({ id, title }) => `${id} ${title}`).sort()
  /** What is there by the server. */
  const wanted = () =>
    [...server.table('notes').values()]
      .map(({ id, text }) => `${id} ${server.table('todos').get(String(text))?.title}`)
      .sort()
  const add = (i: number) => {
    server.put('notes', { id: `n${i}`, text: name(i) })
    server.flush()
  }
  return { server, notes, todos, joined, shown, wanted, add }
}

describe.each(versions)('a live query that joins under @tanstack/db %s', (_, db) => {
  it('has a few subscriptions for three hundred partners that come one at a time, and all of them', async () => {
    const { server, todos, joined, shown, wanted, add } = setup(db)
    for (let i = 0; i < 300; i++) server.put('todos', row(name(i), `title ${i}`))
    await joined.preload()
    let most = 0
    for (let i = 0; i < 300; i++) {
      add(i)
      await until(() => expect(joined.toArray.find(({ id }) => id === `n${i}`)?.title).toBe(`title ${i}`))
      most = Math.max(most, server.joined.size, todos.utils.stats().subscriptions)
    }
    expect(shown()).toEqual(wanted())
    expect(most).toBeLessThan(32)
    await until(() => expect(todos.utils.stats().subscriptions).toBeLessThan(16))
    expect(todos.utils.stats().rows).toBe(300)
    // Rows are asked for a few times each, not with every partner.
    expect(todos.utils.stats().received).toBeLessThan(300 * 9)
    // Changes reach them, wherever they were moved to.
    for (let i = 0; i < 300; i += 7) server.put('todos', row(name(i), `changed ${i}`))
    server.remove('todos', name(150))
    server.flush()
    await until(() => expect(shown()).toEqual(wanted()))
    await joined.cleanup()
    await until(() => expect([todos.size, todos.utils.stats().subscriptions]).toEqual([0, 0]))
  })

  it('has a few also when partners come faster than they are loaded', async () => {
    const { server, todos, joined, shown, wanted, add } = setup(db)
    for (let i = 0; i < 300; i++) server.put('todos', row(name(i), `title ${i}`))
    await joined.preload()
    let most = 0
    for (let i = 0; i < 300; i++) {
      add(i)
      for (let turn = 0; turn < i % 7; turn++) await Promise.resolve()
      if (i % 3 === 0) await new Promise((resolve) => setTimeout(resolve))
      most = Math.max(most, server.joined.size)
    }
    await until(() => expect(shown()).toEqual(wanted()))
    expect(most).toBeLessThan(32)
    await until(() => expect(todos.utils.stats().subscriptions).toBeLessThan(16))
  })

  it('never shows a partner less while its subscriptions are replaced', async () => {
    const { server, joined, add, todos } = setup(db)
    for (let i = 0; i < 60; i++) server.put('todos', row(name(i), `title ${i}`))
    await joined.preload()
    const lost: string[] = []
    todos.subscribeChanges((changes) => {
      for (const { type, key } of changes) if (type === 'delete') lost.push(String(key))
    })
    for (let i = 0; i < 60; i++) {
      add(i)
      await until(() => expect(joined.toArray.find(({ id }) => id === `n${i}`)?.title).toBe(`title ${i}`))
    }
    expect(lost).toEqual([])
  })

  it('asks for its partners one by one when the server refuses them together', async () => {
    const { server, joined, shown, wanted, add } = setup(db)
    const said = vi.spyOn(console, 'error').mockImplementation(() => {})
    server.refuses = ({ where }) => (where?.op === 'in' ? 'predicate-unsupported' : undefined)
    for (let i = 0; i < 30; i++) server.put('todos', row(name(i), `title ${i}`))
    await joined.preload()
    for (let i = 0; i < 30; i++) {
      add(i)
      await until(() => expect(joined.toArray.find(({ id }) => id === `n${i}`)?.title).toBe(`title ${i}`))
    }
    expect(shown()).toEqual(wanted())
    expect(said).not.toHaveBeenCalled()
    said.mockRestore()
  })
})
