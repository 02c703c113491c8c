import { ConnectionError, MutationRejectedError, OutcomeUnknownError } from '@durable-sync/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { swallowReceipts, transparent } from '../support/frame-rules.ts'
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

const message = (id: string, author = 'alice') => ({ id, author, content: id, created_at: 1 })
const note = (id: string) => ({ id, slug: id, title: id })

const ways = versions.flatMap(([version, db]) =>
  keepings.map(([kept, keeping]) => ({ version, kept, db, keeping })),
)

describe.each(ways)('under @tanstack/db $version, kept: $kept', ({ version, kept, db, keeping }) => {
  test('an accepted insert is one row under its own key for everybody [C1]', async () => {
    const room = `one-row-${version}-${kept}`
    const writer = openClient(world, room, { db, ...keeping() })
    const watcher = openClient(world, room, { db, claims: { userId: 'bob' }, ...keeping('bob') })
    await Promise.all([writer.messages.preload(), watcher.messages.preload()])
    await writer.confirmed(writer.messages.insert(message('m')))
    await until(() => expect(watcher.messages.size).toBe(1))
    expect(writer.messages.toArray.map(({ id }) => id)).toEqual(['m'])
    await equalsServer(world, room, { messages: writer.messages })
    await equalsServer(world, room, { messages: watcher.messages })
  })

  test('a transaction of which one row is not allowed writes nothing, shows nobody anything, and rolls back with the reason [C2]', async () => {
    const room = `denied-${version}-${kept}`
    const writer = openClient(world, room, { db, ...keeping() })
    const watcher = openClient(world, room, { db, claims: { userId: 'bob' }, ...keeping('bob') })
    await Promise.all([writer.messages.preload(), watcher.messages.preload()])
    const sizes = watchSteadily(() => watcher.messages.size)
    const tx = writer.messages.insert([message('a'), message('b', 'somebody else'), message('c')])
    expect(writer.messages.size).toBe(3)
    const error = await ending(writer.confirmed(tx))
    expect(error).toBeInstanceOf(MutationRejectedError)
    expect(error).toMatchObject({ code: 'denied', message: expect.stringContaining('author mismatch') })
    expect(writer.messages.size).toBe(0)
    expect(await world.rows(room, 'messages')).toEqual([])
    await writer.confirmed(writer.messages.insert(message('after')))
    await until(() => expect(sizes()).toEqual([0, 1]))
  })

  test('a write whose receipt is lost with the socket is confirmed after the reconnect, and its row never flickers [C6]', async () => {
    const room = `lost-receipt-${version}-${kept}`
    const proxy = await world.frameProxy()
    const { confirmed, notes } = openClient(world, room, { db, port: proxy.port, ...keeping() })
    await notes.preload()
    const settleUnheard = async (write: () => { isPersisted: { promise: Promise<unknown> } }) => {
      const link = proxy.links.length - 1
      proxy.rule = (frame, each) => (each.index === link ? swallowReceipts(frame, each) : 'pass')
      await confirmed(write())
      expect(proxy.links).toHaveLength(link + 2)
    }
    const seen = watchSteadily(() => notes.get('n')?.title)
    await settleUnheard(() => notes.insert(note('n')))
    await settleUnheard(() =>
      notes.update('n', (draft) => {
        draft.title = 'edited'
      }),
    )
    await settleUnheard(() => notes.delete('n'))
    await confirmed(notes.insert(note('last')))
    expect(seen()).toEqual([undefined, 'n', 'edited', undefined])
    await equalsServer(world, room, { notes })
  })
})

describe.each(keepings)('kept: %s', (kept, keeping) => {
  test('a transaction whose second row fails in the server is undone whole, and the client learns a code and no secret [C3]', async () => {
    const room = `failing-${kept}`
    const { confirmed, jobs } = openClient(world, room, keeping())
    await jobs.preload()
    const tx = jobs.insert([
      { id: 'a', behaviour: 'plain', delay: 0 },
      { id: 'b', behaviour: 'execute-throw-late', delay: 0 },
      { id: 'c', behaviour: 'plain', delay: 0 },
    ])
    const error = await ending(confirmed(tx))
    expect(error).toMatchObject({ name: 'MutationRejectedError', code: 'execute-failed' })
    expect(String(error)).not.toContain('secret')
    expect(jobs.size).toBe(0)
    expect(await world.rows(room, 'jobs')).toEqual([])
  })

  test('outcomes that were lost are told again as they were, and nothing runs twice [C4, C7]', async () => {
    const room = `again-${kept}`
    const proxy = await world.frameProxy()
    const { client, confirmed, jobs, traces } = openClient(world, room, { port: proxy.port, ...keeping() })
    await Promise.all([jobs.preload(), traces.preload()])
    proxy.rule = (frame, link) => (link.index === 0 ? swallowReceipts(frame, link) : 'pass')
    const ended = await Promise.all([
      client.call.tally({ name: 'count', ms: 0 }),
      ending(confirmed(jobs.insert({ id: 'j', behaviour: 'check-throw', delay: 0 }))),
      ending(client.call.fail(null)),
      ending(client.call.deny(null)),
    ])
    expect(ended).toEqual([
      { ran: 1 },
      expect.objectContaining({ code: 'denied', message: expect.stringContaining('check says no') }),
      expect.objectContaining({ code: 'execute-failed' }),
      expect.objectContaining({ code: 'denied', message: expect.stringContaining('not you') }),
    ])
    expect(proxy.links).toHaveLength(2)
    // What the client had not heard was not even sent again.
    expect(proxy.links[1]?.clientFrames('push')).toEqual([])
    await until(() => expect(traces.get('count')?.job).toBe('1'))
    await equalsServer(world, room, { jobs, traces })
  })

  test('a write that never reached the server is sent again under its number and runs once [C4]', async () => {
    const room = `unreached-${kept}`
    const proxy = await world.frameProxy()
    const { client, traces } = openClient(world, room, { port: proxy.port, ...keeping() })
    await traces.preload()
    proxy.rule = ({ frame }, link) => (link.index === 0 && frame?.type === 'push' ? 'cut' : 'pass')
    expect(await client.call.tally({ name: 'count', ms: 0 })).toEqual({ ran: 1 })
    const items = proxy.links.flatMap((link) => link.clientFrames('push').flatMap((push) => push.items))
    expect(items).toMatchObject([{ n: 1 }, { n: 1, again: true }])
    expect(items[0]?.cid).toBe(items[1]?.cid)
  })

  test('a write on a connection that keeps breaking is settled once, however long it was let in [C9]', async () => {
    const room = `flapping-${kept}`
    const proxy = await world.frameProxy()
    const { client, traces } = openClient(world, room, { port: proxy.port, ...keeping() })
    await traces.preload()
    const call = client.call.tally({ name: 'count', ms: 600 })
    // Up to six sockets, each of which breaks right after the write was sent on it.
    proxy.rule = ({ from, frame }, link) =>
      link.index < 6 && from === 'client' && frame?.type === 'push' ? 'last' : 'pass'
    expect(await call).toEqual({ ran: 1 })
    expect(proxy.links.length).toBeGreaterThan(3)
    await until(() => expect(traces.get('count')?.job).toBe('1'))
    expect(client.pendingWrites.get().count).toBe(0)
  })

  test('closing the client settles every open write at once, and says which of them may have happened [C8]', async () => {
    const room = `closing-${kept}`
    const proxy = await world.frameProxy()
    const { client, confirmed, notes, gate } = openClient(world, room, { port: proxy.port, ...keeping() })
    await notes.preload()
    proxy.rule = ({ frame }) => (frame?.type === 'push' ? 'hold' : 'pass')
    const sent = notes.insert(note('sent'))
    const call = client.call.tally({ name: 'count', ms: 0 })
    const link = await proxy.link(0)
    await until(() => expect(link.held.length).toBeGreaterThan(0))
    gate.shut()
    proxy.cut()
    await until(() => expect(gate.waiting).toBe(1))
    const unsent = notes.insert(note('unsent'))
    const endings = [confirmed(sent), call, confirmed(unsent)].map(ending)
    await until(() => expect(client.pendingWrites.get().count).toBe(3))
    await client.close()
    const [maybe, maybeCall, never] = await Promise.all(endings)
    expect(maybe).toBeInstanceOf(OutcomeUnknownError)
    expect(maybeCall).toBeInstanceOf(OutcomeUnknownError)
    expect(maybe).toMatchObject({ code: 'client-closed' })
    expect(never).toBeInstanceOf(ConnectionError)
    expect(never).toMatchObject({ code: 'client-closed-unsent' })
    // What is kept is sent by the next page, and shown until it is decided.
    expect(notes.toArray.map(({ id }) => id)).toEqual(kept === 'memory' ? [] : ['sent'])
    expect(client.pendingWrites.get().count).toBe(0)
    expect(await ending(notes.insert(note('late')).isPersisted.promise)).toMatchObject({
      code: 'client-closed',
    })
    proxy.rule = transparent
  })
})

test('more outcomes at once than the server keeps are all told, in order, and not kept any longer [C12]', async () => {
  const room = 'many-outcomes'
  const { client } = openClient(world, room)
  const calls = Array.from({ length: 1200 }, () => client.call.tally({ name: 'count', ms: 0 }))
  const counts = (await Promise.all(calls)).map(({ ran }) => ran)
  expect(counts).toEqual(calls.map((_, i) => i + 1))
  await until(async () => {
    expect(await world.storageSql(room, 'SELECT count(*) AS n FROM _sync_outcome')).toEqual([{ n: 0 }])
  })
})

test('a tick that writes more than the object allows in one push goes out in several, and all of it arrives in order [R28]', async () => {
  const room = 'small-pushes'
  await world.control(room, 'register', { limits: { itemsPerPush: 3 } })
  const proxy = await world.frameProxy()
  const { notes } = openClient(world, room, { port: proxy.port })
  await notes.preload()
  const ids = Array.from({ length: 8 }, (_, i) => `${i}`)
  await Promise.all(ids.map((id) => notes.insert(note(id)).isPersisted.promise))
  const pushes = proxy.links.flatMap(({ conversation }) =>
    conversation.flatMap(({ frame }) => (frame?.type === 'push' ? [frame.items.map(({ n }) => n)] : [])),
  )
  expect(pushes).toEqual([
    [1, 2, 3],
    [4, 5, 6],
    [7, 8],
  ])
  await equalsServer(world, room, { notes })
})
