import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { declared, sample } from '../protocol/items.ts'
import { eventually, pause } from '../support/deadline.ts'
import type { RawClient } from '../support/raw-client.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterEach(() => world.setClock(0))
afterAll(() => world.stop())

async function enter(room: string, client: string): Promise<RawClient> {
  const socket = await world.connect(room)
  await socket.enter({ client, ...declared })
  await socket.join({ sub: 1, collection: 'samples' })
  return socket
}

const subscribers = async (room: string) => (await world.subscriptions(room)).length

test('on a wake, sockets without a sign of life for 90 s are closed, and those that ping are not [R24]', async () => {
  await world.setClock(-100_000)
  const zombie = await enter('graves', 'zombie')
  const pinging = await enter('graves', 'pinging')
  await world.setClock(-80_000)
  const young = await enter('graves', 'young')
  await world.setClock(0)
  pinging.sendText('ping')
  await eventually(
    () => pinging.pongs,
    (pongs) => pongs === 1,
    'a pong',
  )
  await world.evict('graves')
  await world.sql('graves', `INSERT INTO samples (id) VALUES ('after the wake')`)
  // It does not get what was written after its end.
  expect(await zombie.next('goodbye')).toEqual({
    type: 'goodbye',
    code: 4408,
    message: 'no sign of life for 90 s',
  })
  expect((await zombie.ended()).code).toBe(4408)
  for (const live of [pinging, young]) {
    expect((await live.pass()).frames[0]?.tables.samples?.up).toHaveLength(1)
    await live.expectNothing(20)
  }
  await eventually(
    () => subscribers('graves'),
    (n) => n === 2,
    'two subscriptions',
  )
})

test('a zombie that does not answer its close is neither written to nor listened to any more [R24]', async () => {
  await world.setClock(-100_000)
  const zombie = await enter('undead', 'zombie')
  await world.setClock(0)
  zombie.stall()
  await world.evict('undead')
  await world.sql('undead', `INSERT INTO samples (id) VALUES ('a')`)
  zombie.push(sample(1, 'from beyond'))
  await pause(100)
  expect((await world.rows('undead', 'samples')).map((row) => row.id)).toEqual(['a'])
  zombie.resume()
  expect((await zombie.ended()).code).toBe(4408)
  expect(zombie.received.at(-1)?.type).toBe('goodbye')
})

test('an awake object closes nobody for being quiet [H5]', async () => {
  await world.setClock(-200_000)
  const quiet = await enter('awake', 'quiet')
  await world.setClock(0)
  await world.sql('awake', `INSERT INTO samples (id) VALUES ('a')`)
  expect((await quiet.pass()).frames[0]?.tables.samples?.up).toHaveLength(1)
})

test('two pages with one client id: the newer hello closes the older socket with 4409, also when the object slept between [R7]', async () => {
  const older = await enter('twins', 'twin')
  await world.evict('twins')
  const newer = await enter('twins', 'twin')
  expect((await older.next('goodbye')).code).toBe(4409)
  expect((await older.ended()).code).toBe(4409)
  await world.sql('twins', `INSERT INTO samples (id) VALUES ('a')`)
  expect((await newer.pass()).frames[0]?.tables.samples?.up).toHaveLength(1)
  expect(await subscribers('twins')).toBe(1)
})
