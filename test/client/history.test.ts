import { OutcomeUnknownError } from '@durable-sync/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { swallowReceipts, transparent } from '../support/frame-rules.ts'
import { createWorld, type World } from '../support/world.ts'
import { equalsServer, until } from './convergence.ts'
import { openClient } from './live-client.ts'
import { watchSteadily } from './steady-watch.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const insertNotes = (room: string, prefix: string, count: number) =>
  world.sql(
    room,
    `INSERT INTO notes WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ?1) SELECT ?2 || i, ?2 || i, '' FROM c`,
    count,
    prefix,
  )

const note = (id: string) => ({ id, slug: id, title: id })

test('a client with a position loads anew when the log behind it is pruned empty, and stale rows are gone [B6, B7]', async () => {
  const room = 'pruned-empty'
  const proxy = await world.frameProxy()
  await insertNotes(room, 'n', 3)
  const { notes, gate } = openClient(world, room, { port: proxy.port })
  await notes.preload()
  gate.shut()
  proxy.cut()
  await until(() => expect(gate.waiting).toBe(1))
  await world.evict(room)
  await world.sql(room, `DELETE FROM notes WHERE id = 'n2'`)
  await world.prune(room)
  await world.evict(room)
  await world.sql(room, `INSERT INTO traces VALUES ('t', 'the newest row of the log')`)
  await world.prune(room)
  await world.compact(room)
  expect(await world.storageSql(room, 'SELECT tbl FROM _sync_log')).toEqual([{ tbl: 'traces' }])
  const sizes = watchSteadily(() => notes.size)
  gate.admit()
  await equalsServer(world, room, { notes })
  expect(sizes()).toEqual([3, 2])
  expect(proxy.links.at(-1)?.serverFrames('welcome')[0]?.reset).toBe('pruned')
  await world.sql(room, `INSERT INTO notes VALUES ('live', 'live', '')`)
  await equalsServer(world, room, { notes })
})

test('a client ends equal to a server that was wiped and has grown past its position [B9]', async () => {
  const room = 'wiped'
  const proxy = await world.frameProxy()
  await insertNotes(room, 'old', 3)
  const { notes, todos, gate } = openClient(world, room, { port: proxy.port })
  await Promise.all([notes.preload(), todos.preload()])
  gate.shut()
  await world.restore(room, null)
  await insertNotes(room, 'new', 50)
  gate.admit()
  await equalsServer(world, room, { notes, todos })
  expect(proxy.links.at(-1)?.serverFrames('welcome')[0]?.reset).toBe('lineage')
  await world.sql(room, `INSERT INTO todos (id, title) VALUES ('t', 'live')`)
  await equalsServer(world, room, { notes, todos })
})

test('a client ends equal to a server that was set back to an older point and has grown past its position, and its open writes happen once or are reported [B9]', async () => {
  const room = 'set-back'
  const proxy = await world.frameProxy()
  const { notes, gate } = openClient(world, room, { port: proxy.port })
  await notes.preload()
  await notes.insert(note('before')).isPersisted.promise
  const copy = await world.storageCopy(room)
  await notes.insert(note('confirmed')).isPersisted.promise
  gate.shut()
  proxy.rule = swallowReceipts
  const open = [notes.insert(note('committed in the lost history'))]
  await until(() => expect(gate.waiting).toBe(1))
  open.push(notes.insert(note('never sent')))
  expect(await world.rows(room, 'notes')).toHaveLength(3)
  await world.restore(room, copy)
  proxy.rule = transparent
  await insertNotes(room, 'new', 20)
  gate.admit()
  await Promise.all(open.map((tx) => tx.isPersisted.promise))
  await equalsServer(world, room, { notes })
  expect(notes.has('before')).toBe(true)
  expect(notes.has('confirmed')).toBe(false)
  expect(notes.has('committed in the lost history') && notes.has('never sent')).toBe(true)
})

test('a command whose answer was lost together with the history runs once in the history that remains, or is reported as unknown [B9, C4]', async () => {
  const room = 'lost-history'
  const proxy = await world.frameProxy()
  const { traces, gate, client } = openClient(world, room, { port: proxy.port })
  await traces.preload()
  proxy.rule = swallowReceipts
  gate.shut()
  const answer = client.call.tally({ name: 'count', ms: 0 })
  const settled = answer.catch((error: unknown) => error)
  await until(() => expect(gate.waiting).toBe(1))
  await world.restore(room, null)
  proxy.rule = transparent
  gate.admit()
  const result = await settled
  if (!(result instanceof OutcomeUnknownError)) expect(result).toEqual({ ran: 1 })
  await equalsServer(world, room, { traces })
  expect(traces.get('count')?.job).toBe(result instanceof OutcomeUnknownError ? undefined : '1')
})
