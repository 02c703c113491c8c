import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pause } from '../support/deadline.ts'
import { carriesReceipts, holding } from '../support/frame-rules.ts'
import { createWorld, type World } from '../support/world.ts'
import { equalsServer, shownBy, until } from './convergence.ts'
import { openClient } from './live-client.ts'
import { watchSteadily } from './steady-watch.ts'
import { versions } from './tanstack-versions.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const message = (id: string, content = '') => ({ id, author: 'alice', content, created_at: 1 })
const note = (id: string, title: string) => ({ id, slug: id, title })

describe.each(versions)('under @tanstack/db %s', (version, db) => {
  test('an own row is shown from the write on, as written and then as confirmed, and never not at all [A1]', async () => {
    const room = `own-${version}`
    const proxy = await world.frameProxy()
    const { notes } = openClient(world, room, { port: proxy.port, db })
    await notes.preload()
    proxy.rule = holding(carriesReceipts)
    const link = await proxy.link(0)
    const settle = async (tx: { isPersisted: { promise: Promise<unknown> } }) => {
      await until(() => expect(link.held).toHaveLength(1))
      await pause(20)
      link.release()
      await tx.isPersisted.promise
      await pause(20)
    }
    const seen = watchSteadily(() => notes.get('n')?.title)
    await settle(notes.insert(note('n', 'one')))
    await settle(
      notes.update('n', (draft) => {
        draft.title = 'two'
      }),
    )
    await settle(notes.delete('n'))
    expect(seen()).toEqual([undefined, 'one', 'two', undefined])
  })

  test('two rows that the server writes in one transaction become visible in one notification [A10]', async () => {
    const room = `atomic-${version}`
    const { messages, notes } = openClient(world, room, { db })
    await Promise.all([messages.preload(), notes.preload()])
    const notifications: string[][] = []
    messages.subscribeChanges((changes) => notifications.push(changes.map(({ key }) => String(key))))
    const counts = watchSteadily(() => messages.size + notes.size)
    await world.control(room, 'write', {
      statements: [
        `INSERT INTO messages VALUES ('a', 'server', '', 0), ('b', 'server', '', 0)`,
        `INSERT INTO notes VALUES ('c', 'c', 'c')`,
      ],
    })
    await until(() => expect(notes.size).toBe(1))
    await pause(20)
    expect(notifications).toEqual([['a', 'b']])
    expect(counts()).toEqual([0, 3])
  })
})

test('what the server wrote and has not announced reaches the client before a new collection does, wherever the socket breaks [A2]', async () => {
  const proxy = await world.frameProxy()
  // The frames of the join: the pass that brings the todo, the end of the join.
  for (const k of [1, 2, 3]) {
    const room = `buffered-${k}`
    const { todos, notes } = openClient(world, room, { port: proxy.port })
    await todos.preload()
    await world.storageSql(room, `INSERT INTO todos (id, title) VALUES ('t', 'unannounced')`)
    const link = await proxy.link(proxy.links.length - 1)
    const said = link.conversation.filter(({ from, frame }) => from === 'server' && frame).length
    proxy.rule = (_, each) => {
      const now = each.conversation.filter(({ from, frame }) => from === 'server' && frame).length - said
      return each !== link || now < k ? 'pass' : now === k ? 'last' : 'cut'
    }
    await notes.preload()
    await until(() => expect(todos.get('t')?.title).toBe('unannounced'))
    await equalsServer(world, room, { todos, notes })
  }
})

test('a confirmation comes after everything that the server wrote before it [A3]', async () => {
  const { notes } = openClient(world, 'before-receipt')
  await notes.preload()
  await world.storageSql('before-receipt', `INSERT INTO notes VALUES ('server', 'server', 'unannounced')`)
  await notes.insert(note('mine', 'mine')).isPersisted.promise
  await until(() => expect(shownBy(notes).map(({ id }) => id)).toEqual(['mine', 'server']), 500)
})

test('writes of one client take effect in the order in which they were made, also when the first is slow to be let in [A6]', async () => {
  const room = 'in-order'
  const { jobs, client } = openClient(world, room)
  await jobs.preload()
  const insert = jobs.insert({ id: 'j', behaviour: 'plain', delay: 150 })
  const remove = jobs.delete('j')
  await Promise.all([insert.isPersisted.promise, remove.isPersisted.promise])
  expect(await world.rows(room, 'jobs')).toEqual([])
  const calls = [client.call.tally({ name: 't', ms: 100 }), client.call.tally({ name: 't', ms: 0 })]
  expect(await Promise.all(calls)).toEqual([{ ran: 1 }, { ran: 2 }])
})

test('a watcher gets a row without doing anything as soon as the writer has its confirmation [A7]', async () => {
  const writer = openClient(world, 'watched')
  const watcher = openClient(world, 'watched', { claims: { userId: 'bob' } })
  await Promise.all([writer.messages.preload(), watcher.messages.preload()])
  await writer.messages.insert(message('m', 'hello')).isPersisted.promise
  await until(() => expect(watcher.messages.get('m')?.content).toBe('hello'), 500)
})

test('a hundred changes of a row within a tick reach a watcher as one, and what came and went in it as nothing [A8, A9]', async () => {
  const room = 'one-delta'
  const proxy = await world.frameProxy()
  const writer = openClient(world, room)
  const watcher = openClient(world, room, { claims: { userId: 'bob' }, port: proxy.port })
  await Promise.all([writer.notes.preload(), watcher.notes.preload()])
  await writer.notes.insert(note('n', 'start')).isPersisted.promise
  await until(() => expect(watcher.notes.has('n')).toBe(true))
  const titles: string[] = []
  watcher.notes.subscribeChanges((changes) => titles.push(...changes.map(({ value }) => value.title)))
  const link = await proxy.link(0)
  const framesBefore = link.serverFrames('changes').length

  const txs = Array.from({ length: 100 }, (_, i) =>
    writer.notes.update('n', (draft) => {
      draft.title = `edit ${i}`
    }),
  )
  txs.push(writer.notes.insert(note('gone', 'gone')), writer.notes.delete('gone'))
  await Promise.all(txs.map((tx) => tx.isPersisted.promise))
  await until(() => expect(watcher.notes.get('n')?.title).toBe('edit 99'))
  expect(titles).toEqual(['edit 99'])
  expect(link.serverFrames('changes').length - framesBefore).toBe(1)

  await world.control(room, 'write', {
    statements: Array.from({ length: 100 }, (_, i) => `UPDATE notes SET title = 'server ${i}'`),
  })
  await until(() => expect(watcher.notes.get('n')?.title).toBe('server 99'))
  expect(titles).toEqual(['edit 99', 'server 99'])
  expect(watcher.notes.size).toBe(1)
  await equalsServer(world, room, { notes: watcher.notes })
})
