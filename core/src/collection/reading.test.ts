import * as newest from '@tanstack/db'
import * as oldest from 'tanstack-db-oldest'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ending, openRoom, row } from '../client/testing/todo-room.ts'
import { doCollectionOptions } from './do-collection-options.ts'

const clients: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
})

function setup(db: typeof newest) {
  const { server, client, todoOptions, noteOptions } = openRoom()
  clients.push(client)
  return { server, client, todos: db.createCollection(todoOptions), notes: db.createCollection(noteOptions) }
}

const until = (check: () => void) => vi.waitFor(check, { timeout: 1000, interval: 1 })
const aWhile = () => new Promise((resolve) => setTimeout(resolve, 10))

const versions = [
  ['0.9.2', oldest as unknown as typeof newest],
  ['0.15.2', newest],
] as const

describe.each(versions)('reading under @tanstack/db %s', (_, db) => {
  it('shows the rows of the table with the types of the application [D9, R22]', async () => {
    const { server, todos } = setup(db)
    server.put('todos', { id: 'a', title: 'A', done: 1 })
    await todos.preload()
    expect(todos.toArray).toMatchObject([{ id: 'a', title: 'A', done: true }])
    expect(todos.utils.syncState.get()).toEqual({ phase: 'live' })
  })

  it('shows remote changes as they happen', async () => {
    const { server, todos } = setup(db)
    server.put('todos', row('a'))
    await todos.preload()
    server.put('todos', row('b'))
    server.remove('todos', 'a')
    server.flush()
    await until(() => expect(todos.toArray.map(({ id }) => id)).toEqual(['b']))
  })

  it('replaces a row, also where a column is gone', async () => {
    const { server, notes } = setup(db)
    server.put('notes', { id: 'n', text: 'x', extra: 1 })
    await notes.preload()
    expect(notes.get('n')).toHaveProperty('extra')
    server.put('notes', { id: 'n', text: 'y' })
    server.flush()
    await until(() => expect(notes.get('n')).toMatchObject({ text: 'y' }))
    expect(notes.get('n')).not.toHaveProperty('extra')
  })

  it('is never cleaned up by itself', async () => {
    const { todos } = setup(db)
    expect(todos.config.gcTime).toBe(0)
  })

  it('applies a pass of several frames whole, and nothing of one that was cut [R3]', async () => {
    const { server, todos, notes } = setup(db)
    await Promise.all([todos.preload(), notes.preload()])
    const from = server.head
    server.put('todos', row('a'))
    server.put('notes', { id: 'n', text: '' })
    const to = server.head
    const tables = { todos: server.block('todos', ['a']) }
    server.say({ type: 'changes', from, to, more: true, tables })
    await aWhile()
    expect(todos.size).toBe(0)
    server.drop()
    await until(() => expect(todos.size + notes.size).toBe(2))
    expect(server.heard.filter(({ type }) => type === 'hello').at(-1)).toMatchObject({ at: from })
  })

  it('applies nothing after a gap, and resumes from its own position [R3]', async () => {
    const { server, todos } = setup(db)
    await todos.preload()
    const at = server.head
    server.put('todos', row('a'))
    const tables = { todos: { ...server.block('todos', ['a']), up: [['wrong', 'wrong', 0]] } }
    server.say({ type: 'changes', from: server.position(999), to: server.position(1000), tables })
    await until(() => expect(todos.toArray).toMatchObject([{ id: 'a' }]))
    expect(server.heard.filter(({ type }) => type === 'hello').at(-1)).toMatchObject({ at })
  })

  it('drops rows that were deleted while a reset made it start over, without showing an empty table', async () => {
    const { server, todos } = setup(db)
    server.put('todos', row('a'))
    server.put('todos', row('b'))
    await todos.preload()
    const sizes: number[] = []
    todos.subscribeChanges(() => sizes.push(todos.size), { includeInitialState: true })
    server.reset = 'lineage'
    server.era = 'b'
    server.remove('todos', 'a')
    server.drop()
    await until(() => expect(todos.toArray.map(({ id }) => id)).toEqual(['b']))
    expect(sizes).toEqual([2, 1])
  })

  it('commits two collections of one frame in one turn', async () => {
    const { server, todos, notes } = setup(db)
    await Promise.all([todos.preload(), notes.preload()])
    const turns: string[] = []
    todos.subscribeChanges(() => {
      turns.push('todos')
      queueMicrotask(() => turns.push('microtask'))
    })
    notes.subscribeChanges(() => turns.push('notes'))
    server.put('todos', row('a'))
    server.put('notes', { id: 'n', text: '' })
    server.flush()
    await until(() => expect(turns).toEqual(['todos', 'notes', 'microtask']))
  })

  it('leaves exactly one subscription after mounting, unmounting and mounting again while dialling [G6, G7]', async () => {
    const { server, todos } = setup(db)
    const first = todos.preload().catch(() => 'aborted')
    await todos.cleanup()
    await first
    await todos.preload()
    expect(server.heard.filter(({ type }) => type === 'join')).toHaveLength(1)
    server.put('todos', row('a'))
    server.flush()
    await until(() => expect(todos.size).toBe(1))
  })

  it('leaves the subscription when the collection is cleaned up', async () => {
    const { server, todos } = setup(db)
    await todos.preload()
    await todos.cleanup()
    await until(() => expect(server.heard.at(-1)?.type).toBe('leave'))
    expect(todos.utils.syncState.get()).toEqual({ phase: 'idle' })
  })

  it('fails a collection that the server refuses, and settles its writes [E5]', async () => {
    const { server, todos } = setup(db)
    const answer = server.say.bind(server)
    server.say = (frame) => {
      if (frame.type !== 'joined') return answer(frame)
      answer({ type: 'refused', re: 'join', join: frame.join, code: 'read-denied', message: 'no' })
    }
    const error = await ending(todos.preload())
    expect(error).not.toBe('ok')
    expect(todos.utils.syncState.get()).toMatchObject({ phase: 'error', error: { code: 'read-denied' } })
  })

  it('fails a collection whose getKey does not return the key column', async () => {
    const { server, client } = setup(db)
    const reported = vi.spyOn(console, 'error').mockImplementation(() => {})
    server.put('notes', { id: 'n', text: 'x' })
    const options = doCollectionOptions({ client, table: 'notes', getKey: (note) => note.text })
    const wrong = db.createCollection(options)
    expect(await ending(wrong.preload())).not.toBe('ok')
    expect(wrong.status).toBe('error')
    expect(wrong.utils.syncState.get()).toMatchObject({ phase: 'error', error: { code: 'key-mismatch' } })
    reported.mockRestore()
  })

  it('recovers when the server serves after a reconnect what it refused before', async () => {
    const { server, todos } = setup(db)
    server.put('todos', row('a'))
    const answer = server.say.bind(server)
    server.say = (frame) => {
      if (frame.type !== 'joined') answer(frame)
      else answer({ type: 'refused', re: 'join', join: frame.join, code: 'read-denied', message: 'no' })
    }
    expect(await ending(todos.preload())).not.toBe('ok')
    server.say = answer
    server.drop()
    await until(() => expect(todos.utils.syncState.get()).toEqual({ phase: 'live' }))
    expect([todos.status, todos.size]).toEqual(['ready', 1])
  })

  it('keeps the other collections of a frame going when a listener throws', async () => {
    const { server, todos, notes } = setup(db)
    const reported = vi.spyOn(console, 'error').mockImplementation(() => {})
    await Promise.all([todos.preload(), notes.preload()])
    todos.subscribeChanges(() => {
      throw new Error('listener')
    })
    server.put('todos', row('a'))
    server.put('notes', { id: 'n', text: '' })
    server.flush()
    await until(() => expect(notes.size).toBe(1))
    const tx = notes.insert({ id: 'm', text: '' })
    await tx.isPersisted.promise
    reported.mockRestore()
  })
})
