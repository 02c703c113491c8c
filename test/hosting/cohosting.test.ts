import { encodeClientFrame } from '@durable-sync/core/wire'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { deadline, eventually, pause } from '../support/deadline.ts'
import { declaring, insertInto } from './frames.ts'
import { Site } from './site.ts'

let site: Site
beforeAll(async () => {
  site = await Site.start()
})
afterEach(() => site.setClock(0))
afterAll(() => site.stop())

/** A socket of the host's own, with everything that it hears. */
async function hostSocket(room: string) {
  const socket = new WebSocket(`${site.origin.replace('http', 'ws')}/hotel/${room}/own`)
  const heard: string[] = []
  const closed = new Promise<number>((resolve) => socket.on('close', resolve))
  socket.on('message', (data) => heard.push(data.toString()))
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return {
    heard,
    closed,
    say: (text: string) => socket.send(text),
    hears: (text: string) =>
      eventually(
        () => heard,
        (all) => all.includes(text),
        `the host to say ${text}`,
      ),
    end: (code: number) => socket.close(code),
  }
}

const guest = (n: number, id: string) => insertInto('guests', 'cid-1', n, id, { name: id })

async function ledger(room: string): Promise<{ id: string; amount: number }[]> {
  return JSON.parse((await site.get(`/hotel/${room}`)).text) as { id: string; amount: number }[]
}

test('host and sync sockets never see each other’s messages [K1]', async () => {
  const client = await site.connect('/hotel/mixed/sync')
  await client.enter(declaring('cid-1'))
  await client.join({ sub: 1, collection: 'guests' })
  const host = await hostSocket('mixed')
  host.say('hello')
  await host.hears('somebody said hello')
  await client.settle(guest(1, 'anna'))
  // A frame of sync on the host's socket is a message like any other.
  const frame = encodeClientFrame({ type: 'push', items: [guest(2, 'mallory')] })
  host.say(frame)
  await host.hears(`somebody said ${frame}`)
  await client.expectNothing()
  expect(host.heard).toEqual(['somebody said hello', `somebody said ${frame}`])
  // And a message for the host is no frame.
  client.sendText('hello')
  expect(await client.next('refused')).toMatchObject({ code: 'frame-invalid' })
  expect((await ledger('mixed')).map((row) => row.id)).toEqual(['hello', frame].sort())
})

test('upgrades and requests that are not sync’s reach the host [K1]', async () => {
  const host = await hostSocket('routes')
  host.say('a')
  await host.hears('somebody said a')
  expect(await ledger('routes')).toEqual([{ id: 'a', amount: 1 }])
  // Only upgrades are sync's, also on its own path.
  const headers = { 'x-test-claims': JSON.stringify({ userId: 'alice' }) }
  expect((await site.get('/hotel/routes/sync', headers)).text).toContain('"a"')
})

test('closes go to whose socket it is, with their code [K1]', async () => {
  const client = await site.connect('/hotel/closes/sync')
  await client.enter()
  const host = await hostSocket('closes')
  host.end(4321)
  expect(await deadline(host.closed, 1000, 'the host to answer the close')).toBe(4321)
  expect((await client.close(3456)).code).toBe(3456)
  await pause(50)
  expect(await ledger('closes')).toEqual([{ id: 'closed 4321', amount: 0 }])
  const leaving = await hostSocket('closes')
  leaving.say('leave me')
  expect(await deadline(leaving.closed, 1000, 'the host to close')).toBe(4999)
})

test('both kinds of sockets survive an eviction side by side [H1, K1]', async () => {
  const client = await site.connect('/hotel/evicted/sync')
  await client.enter(declaring('cid-1'))
  await client.join({ sub: 1, collection: 'guests' })
  const host = await hostSocket('evicted')
  await site.evict('HOTEL', 'evicted')
  const writer = await site.connect('/hotel/evicted/sync', { userId: 'bob' })
  await writer.enter({ client: 'b', ...declaring('cid-1') })
  await writer.settle(guest(1, 'anna'))
  expect((await client.pass()).frames[0]?.tables.guests?.up).toEqual([['anna', 'anna']])
  await site.evict('HOTEL', 'evicted')
  host.say('still here')
  await host.hears('somebody said still here')
  await client.expectNothing()
})

test('the host’s tables get no triggers, and its member called sql stays what it was [K1, K2]', async () => {
  await (await site.connect('/hotel/tables/sync')).enter()
  expect(await site.call('HOTEL', 'tables', 'triggers')).toEqual(['guests'])
  const host = await hostSocket('tables')
  host.say('by its own sql')
  await host.hears('somebody said by its own sql')
  expect(await ledger('tables')).toEqual([{ id: 'by its own sql', amount: 1 }])
})

test('the host’s auto-response pair is kept, and sync’s pings are answered all the same [K2, R27]', async () => {
  const host = await hostSocket('pings')
  const client = await site.connect('/hotel/pings/sync')
  await client.enter()
  host.say('knock')
  await host.hears('who is there')
  expect((await ledger('pings')).length).toBe(0)
  client.sendText('ping')
  await eventually(
    () => client.pongs,
    (pongs) => pongs === 1,
    'a pong',
  )
})

test('a socket whose pings the host’s pair does not cover is not taken for dead when the object wakes [R24, R27]', async () => {
  const client = await site.connect('/hotel/alive/sync')
  await client.enter(declaring('cid-1'))
  for (const ahead of [60_000, 120_000, 180_000]) {
    await site.setClock(ahead)
    await site.evict('HOTEL', 'alive')
    client.sendText('ping')
    await eventually(
      () => client.pongs,
      (pongs) => pongs === ahead / 60_000,
      'a pong',
    )
  }
  expect((await client.settle(guest(1, 'anna'))).outcomes).toHaveLength(1)
})

test('the host’s alarm rings as it was set, after sync has written and housekept [H3]', async () => {
  await site.call('HOTEL', 'alarm', 'ringIn', 150)
  const client = await site.connect('/hotel/alarm/sync')
  await client.enter(declaring('cid-1'))
  await client.settle(guest(1, 'anna'))
  await site.evict('HOTEL', 'alarm')
  await eventually(
    () => ledger('alarm'),
    (rows) => rows.some((row) => row.id === 'alarm'),
    'the alarm',
  )
})

test('uninstalling leaves the host its tables and its sockets [K2]', async () => {
  const host = await hostSocket('leaving')
  const client = await site.connect('/hotel/leaving/sync')
  await client.enter()
  await site.call('HOTEL', 'leaving', 'remove')
  expect((await client.ended()).code).toBe(4500)
  const tables = await site.call<string[]>('HOTEL', 'leaving', 'tables')
  expect(tables.filter((name) => name.startsWith('_sync_'))).toEqual([])
  expect(tables).toEqual(expect.arrayContaining(['guests', 'ledger']))
  host.say('still here')
  await host.hears('somebody said still here')
})
