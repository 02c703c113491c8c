import { doCollectionOptions } from '@durable-sync/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { indexed } from './indexed.ts'
import { openClient } from './live-client.ts'
import { newestTanStack } from './tanstack-versions.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const LARGE = 'x'.repeat(900_000)
const NUMBERS = Array.from({ length: 16 }, (_, i) => i)

test('what two tabs write behind a slow permission, more than the object lets wait, arrives once and in order [C4, I3, R7]', async () => {
  const room = 'waiting'
  const writes = ['a', 'b'].flatMap((name) => {
    const { client, jobs, confirmed } = openClient(world, room)
    // Nobody reads what is written.
    const samples = newestTanStack.createCollection({
      ...doCollectionOptions({ client, table: 'samples', syncMode: 'on-demand' }),
      ...indexed(newestTanStack),
    })
    const sample = (id: string) => ({ id, t: LARGE, i: null, r: null, n: null, b: null })
    return [
      confirmed(jobs.insert({ id: name, behaviour: 'plain', delay: 1500 })),
      ...NUMBERS.map((i) => confirmed(samples.insert(sample(`${name}${i}`)))),
    ]
  })
  await Promise.all(writes)
  const events = await world.control(room, 'events', {})
  expect(events.some(({ type, code }) => type === 'refused' && code === 'busy')).toBe(true)
  const written = await world.storageSql(room, "SELECT key FROM _sync_log WHERE tbl = 'samples' ORDER BY seq")
  for (const name of ['a', 'b'])
    expect(written.map(({ key }) => String(key)).filter((key) => key.startsWith(name))).toEqual(
      NUMBERS.map((i) => `${name}${i}`),
    )
})
