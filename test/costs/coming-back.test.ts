import type { Position } from '@durable-sync/core/wire'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Site } from '../hosting/site.ts'
import type { RawClient } from '../support/raw-client.ts'

const ROW = 1000
/** Rows of one answer that is as long as may be. */
const MOST = 3900

let site: Site
beforeAll(async () => {
  site = await Site.start()
})
afterEach(() => site.setClock(0))
afterAll(() => site.stop())

const fill = (room: string, prefix: string, rows: number) =>
  site.call('CHANGEABLE', room, 'fill', 'things', prefix, rows, ROW)

interface Place {
  readonly at: Position | null
  readonly subs: readonly { id: number; joined: boolean; collection: string; shape: string }[]
}

/** A client has shown `things`, which are few, and goes away before as many more come as one answer may bring. */
async function missed(room: string, rows = MOST): Promise<Place> {
  const client = await site.connect(`/sync/${room}`)
  await client.enter({ client: 'first' })
  const { end } = await client.join({ sub: 1, collection: 'things' })
  await client.close()
  await fill(room, 'w', rows)
  return { at: client.at, subs: [{ id: 1, joined: true, collection: 'things', shape: end.shape }] }
}

const acknowledge = (client: RawClient) => client.send({ type: 'ack', bytes: Number.MAX_SAFE_INTEGER })

/** Clients to whom more is on its way than others wait for. */
async function crowd(room: string, place: Place): Promise<RawClient[]> {
  const clients: RawClient[] = []
  for (const client of ['one', 'two', 'three']) {
    const socket = await site.connect(`/sync/${room}`)
    const { pass } = await socket.enter({ client, ...place })
    expect(pass.frames.length).toBeGreaterThan(10)
    clients.push(socket)
  }
  return clients
}

test('a client that comes back while 8 MB are on their way to others waits until they have arrived [R11]', async () => {
  const place = await missed('crowd')
  const others = await crowd('crowd', place)
  const late = await site.connect('/sync/crowd')
  late.hello({ client: 'late', ...place })
  // Who has nothing to go on from is told no rows, and waits for nobody.
  const fresh = await site.connect('/sync/crowd')
  await fresh.enter({ client: 'fresh' })
  await late.expectNothing(150)
  for (const other of others) acknowledge(other)
  await late.next('welcome')
  const pass = await late.pass()
  expect(pass.frames.flatMap(({ tables }) => tables.things?.up ?? [])).toHaveLength(MOST)
})

test('a client that says hello again while it waits is closed with 4400 [R1]', async () => {
  const place = await missed('twice')
  await crowd('twice', place)
  const late = await site.connect('/sync/twice')
  late.hello({ client: 'late', ...place })
  late.hello({ client: 'late', ...place })
  expect((await late.next('goodbye')).code).toBe(4400)
  expect((await late.ended()).code).toBe(4400)
})

test('a client that dials again while its older socket waits keeps the newer one [R7]', async () => {
  const place = await missed('redialled')
  const others = await crowd('redialled', place)
  const older = await site.connect('/sync/redialled')
  older.hello({ client: 'late', ...place })
  const newer = await site.connect('/sync/redialled')
  await newer.enter({ client: 'late' })
  expect((await older.next('goodbye')).code).toBe(4409)
  for (const other of others) acknowledge(other)
  const { end } = await newer.join({ sub: 1, collection: 'things' })
  expect(end.at).toBe(newer.at)
})

test('a client that waits while the tables are set up again is told to dial again [R11]', async () => {
  const place = await missed('again')
  await crowd('again', place)
  const late = await site.connect('/sync/again')
  late.hello({ client: 'late', ...place })
  await late.expectNothing(100)
  await site.call('CHANGEABLE', 'again', 'addColumnAndRegister', 'others')
  expect((await late.until('goodbye')).frame.code).toBe(1012)
})
