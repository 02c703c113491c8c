import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { WIDE_CLAIMS } from '../protocol/wide-claims.ts'
import { eventually } from '../support/deadline.ts'
import type { RawClient } from '../support/raw-client.ts'
import { createWorld, type World } from '../support/world.ts'
import type { Claims } from '../worker/rows.ts'

/** More than SQLite binds values to one statement in a Durable Object. */
const CROWD = 130
const HOUR = 3_600_000

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterEach(() => world.setClock(0))
afterAll(() => world.stop())

const crowd = (room: string, size = CROWD, claims?: Claims): Promise<RawClient[]> =>
  Promise.all(
    Array.from({ length: size }, async (_, i) => {
      const client = await world.connect(room, claims)
      await client.enter({ client: `client ${i}` })
      await client.join({ sub: 1, collection: 'samples' })
      return client
    }),
  )

const subscriptions = async (room: string) => (await world.subscriptions(room)).length

let written = 0
/** Writes a row and expects every one of `clients` to hear of it, and of nothing else. */
async function expectAllHear(room: string, clients: readonly RawClient[]): Promise<void> {
  written++
  await world.sql(room, `INSERT INTO samples (id) VALUES ('w${written}')`)
  for (const client of clients)
    expect((await client.pass()).frames[0]?.tables.samples?.up.map(([id]) => id)).toEqual([`w${written}`])
}

test('more than a hundred sockets survive an eviction, and housekeeping leaves every one of them its subscription [H4, H5]', async () => {
  const clients = await crowd('crowd')
  expect(await subscriptions('crowd')).toBe(CROWD)
  await world.evict('crowd')
  await expectAllHear('crowd', clients)
  await world.setClock(2 * HOUR)
  await expectAllHear('crowd', clients)
  expect(await subscriptions('crowd')).toBe(CROWD)
  await world.setClock(0)
  await world.evict('crowd')
  await expectAllHear('crowd', clients)
})

test('sockets that close take their subscriptions along [H5]', async () => {
  const clients = await crowd('leaving', 5)
  const [stays, closes, drops, ...others] = clients
  await closes?.close()
  drops?.drop()
  await eventually(
    () => subscriptions('leaving'),
    (n) => n === 3,
    'three subscriptions',
  )
  await world.evict('leaving')
  for (const other of others) await other.close()
  await eventually(
    () => subscriptions('leaving'),
    (n) => n === 1,
    'one subscription',
  )
  if (stays) await expectAllHear('leaving', [stays])
})

test('subscriptions of sockets that ended without a close are swept by housekeeping, live ones are kept [H5]', async () => {
  await crowd('aborted', CROWD, WIDE_CLAIMS)
  await world.abort('aborted')
  expect(await subscriptions('aborted')).toBe(CROWD)
  const [live] = await crowd('aborted', 1, WIDE_CLAIMS)
  await world.setClock(2 * HOUR)
  if (live) await expectAllHear('aborted', [live])
  expect(await subscriptions('aborted')).toBe(1)
})

test('after a crash of the process nothing of its sockets is left but what housekeeping removes [H5]', async () => {
  await crowd('killed', 10, WIDE_CLAIMS)
  await world.kill()
  await world.start()
  const [live] = await crowd('killed', 1, WIDE_CLAIMS)
  await world.setClock(2 * HOUR)
  if (live) await expectAllHear('killed', [live])
  expect(await subscriptions('killed')).toBe(1)
})
