import { ProtocolError } from '@durable-sync/core'
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest'
import { swallowReceipts } from '../support/frame-rules.ts'
import { createWorld, type World } from '../support/world.ts'
import { equalsServer, until } from './convergence.ts'
import { ending } from './ending.ts'
import { keepings } from './keepings.ts'
import { openClient } from './live-client.ts'
import { watchSteadily } from './steady-watch.ts'
import { versions } from './tanstack-versions.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const note = (id: string, title = id) => ({ id, slug: id, title })

test.each(keepings)(
  'kept: %s, a command returns what the server returned, and every client loses the rows that it deleted [C18]',
  async (kept, keeping) => {
    const room = `cleared-${kept}`
    const one = openClient(world, room, keeping())
    const other = openClient(world, room, { claims: { userId: 'bob' }, ...keeping('bob') })
    await Promise.all([one.messages.preload(), other.messages.preload()])
    const filled = await one.client.call.fill({ count: 300, bytes: 10, prefix: 'm' })
    expectTypeOf(filled).toEqualTypeOf<{ added: number }>()
    expect(filled).toEqual({ added: 300 })
    await until(() => expect(other.messages.size).toBe(300))
    // The rows are there when the promise resolves: the result travels with what the command changed.
    expect(one.messages.size).toBe(300)
    expect(await one.client.call.clear({ table: 'messages' })).toEqual({ deleted: 300 })
    expect(one.messages.size).toBe(0)
    await until(() => expect(other.messages.size).toBe(0))
    await equalsServer(world, room, { messages: other.messages })
  },
)

test('commands and their arguments are those of the registry, and nothing that is awaited or inspected is a command', async () => {
  const { client } = openClient(world, 'typed')
  expectTypeOf(client.call.tally).parameter(0).toEqualTypeOf<{ readonly name: string; readonly ms: number }>()
  expectTypeOf(client.call).not.toHaveProperty('unheardOf')
  // @ts-expect-error: the argument has another type
  const wrong = () => client.call.fill({ count: 'many' })
  expect(wrong).toBeTypeOf('function')
  expect(await client.call).toBeTypeOf('object')
  expect(await client.call.echo({ deep: [null, 'ü', 1.5] })).toEqual({ deep: [null, 'ü', 1.5] })
  const unknown = client.call as unknown as Record<string, (args: unknown) => Promise<unknown>>
  expect(await ending(unknown.unheardOf?.(1) ?? Promise.resolve())).toMatchObject({ code: 'unknown-command' })
})

test.each(keepings)(
  'kept: %s, a result that cannot be sent is an error with a code, also when it has to be told twice, and the command is not run again [C19]',
  async (kept, keeping) => {
    const room = `unsendable-${kept}`
    const proxy = await world.frameProxy()
    const { client } = openClient(world, room, { port: proxy.port, ...keeping() })
    expect(await ending(client.call.unserialisable(null))).toMatchObject({
      name: 'MutationRejectedError',
      code: 'result-unserialisable',
    })
    const { length } = proxy.links
    proxy.rule = (frame, link) => (link.index < length ? swallowReceipts(frame, link) : 'pass')
    expect(await ending(client.call.large({ bytes: 300_000 }))).toMatchObject({ code: 'result-too-large' })
    expect(proxy.links).toHaveLength(length + 1)
    expect(proxy.links.at(-1)?.clientFrames('push')).toEqual([])
    expect(await client.call.large({ bytes: 200_000 })).toHaveLength(200_000)
  },
)

test.each(keepings)(
  'kept: %s, what afterCommit writes reaches watchers, and when it throws the write stays confirmed [C20]',
  async (kept, keeping) => {
    const room = `after-commit-${kept}`
    const { confirmed, jobs } = openClient(world, room, keeping())
    const watcher = openClient(world, room, { claims: { userId: 'bob' }, ...keeping('bob') })
    await Promise.all([jobs.preload(), watcher.jobs.preload(), watcher.traces.preload()])
    await confirmed(jobs.insert({ id: 'writes', behaviour: 'after-commit-writes', delay: 0 }))
    await until(() => expect(watcher.traces.get('trace of writes')?.job).toBe('writes'))
    await confirmed(jobs.insert({ id: 'throws', behaviour: 'after-commit-throws', delay: 0 }))
    await until(() => expect(watcher.jobs.size).toBe(2))
    expect(jobs.size).toBe(2)
    await equalsServer(world, room, { jobs, traces: watcher.traces })
  },
)

describe.each(versions)('under @tanstack/db %s', (version, db) => {
  test('a transaction over several collections is one mutation: everybody sees all of it at once, and a refusal undoes all of it', async () => {
    const room = `transaction-${version}`
    const proxy = await world.frameProxy()
    const { client, notes, todos, comments } = openClient(world, room, { db, port: proxy.port })
    const watcher = openClient(world, room, { db, claims: { userId: 'bob' } })
    const all = [notes, todos, comments, watcher.notes, watcher.todos, watcher.comments]
    await Promise.all(all.map((collection) => collection.preload()))
    const todo = {
      id: 't',
      title: 'a todo',
      done: false,
      due_at: null,
      meta: null,
      views: null,
      avatar: null,
      rank: null,
    }
    const write = (id: string, author: string | null) => {
      const tx = db.createTransaction({ mutationFn: client.mutationFn })
      tx.mutate(() => {
        notes.insert(note(id))
        comments.insert({ id: `c ${id}`, note_id: id, content: 'of the note' })
        todos.insert({ ...todo, id, owner: author })
      })
      return tx
    }
    const seen = watchSteadily(() => `${watcher.notes.size}${watcher.comments.size}${watcher.todos.size}`)
    // `owner` is not writable.
    const refused = write('refused', 'alice')
    expect(await ending(refused.isPersisted.promise)).toMatchObject({ code: 'column-not-writable' })
    expect([notes.size, comments.size, todos.size]).toEqual([0, 0, 0])
    const { owner: _, ...row } = { ...todo, id: 'kept', owner: null }
    const tx = db.createTransaction({ mutationFn: client.mutationFn })
    tx.mutate(() => {
      notes.insert(note('kept'))
      comments.insert({ id: 'c kept', note_id: 'kept', content: 'of the note' })
      todos.insert(row as typeof row & { owner: null })
    })
    await tx.isPersisted.promise
    await client.whenConfirmed(tx)
    await until(() => expect(watcher.todos.size).toBe(1))
    expect(seen()).toEqual(['000', '111'])
    const items = proxy.links[0]?.clientFrames('push').flatMap((push) => push.items)
    expect(items?.map((item) => (item.do === 'mutate' ? item.ops.length : 0))).toEqual([3, 3])
    await equalsServer(world, room, { notes, comments, todos })
  })

  test('a transaction over collections of two objects is refused before anything is sent', async () => {
    const one = openClient(world, `one-object-${version}`, { db })
    const other = openClient(world, `other-object-${version}`, { db })
    await Promise.all([one.notes.preload(), other.notes.preload()])
    const tx = db.createTransaction({ mutationFn: one.client.mutationFn })
    tx.mutate(() => {
      one.notes.insert(note('here'))
      other.notes.insert(note('there'))
    })
    const error = await ending(tx.isPersisted.promise)
    expect(error).toBeInstanceOf(ProtocolError)
    expect(error).toMatchObject({ code: 'transaction-spans-objects' })
    expect([one.notes.size, other.notes.size]).toEqual([0, 0])
    expect(one.client.pendingWrites.get().count).toBe(0)
  })
})
