import { afterAll, beforeAll, expect, test } from 'vitest'
import { declaring, insertInto } from '../hosting/frames.ts'
import { Site } from '../hosting/site.ts'
import { eventually, pause } from '../support/deadline.ts'
import type { RawClient } from '../support/raw-client.ts'

/** The runtime puts an object to sleep after ten seconds in which it had nothing to do and no timer. */
const IDLE_MS = 12_000

let site: Site
const clients = new Map<string, RawClient>()
let pinging: NodeJS.Timeout | undefined

async function enter(room: string): Promise<RawClient> {
  const client = await site.connect(`/sync/${room}`)
  clients.set(room, client)
  await client.enter(declaring('cid-1'))
  await client.join({ sub: 1, collection: 'things' })
  return client
}

const client = (room: string): RawClient => {
  const found = clients.get(room)
  if (!found) throw new Error(`nobody is in ${room}`)
  return found
}

const write = (room: string, id: string) =>
  site.call('CHANGEABLE', room, 'syncSql', `INSERT INTO things (id) VALUES ('${id}')`)

/** Everything that happens before the silence. The rooms are silent together, so that the twelve seconds pass once. */
beforeAll(async () => {
  site = await Site.start()
  await enter('quiet')
  await enter('pinged')
  await enter('timer')
  await site.call('CHANGEABLE', 'timer', 'keepAwake', 2 * IDLE_MS)
  const busy = await enter('busy')
  const slowly = { cid: 'cid-1', do: 'call', name: 'append', args: { id: 'slow', afterMs: 50 } } as const
  await busy.settle({ ...slowly, n: 1 }, insertInto('things', 'cid-1', 2, 'a'))
  await busy.settle(insertInto('nowhere', 'cid-1', 3, 'rejected'))
  busy.sendText('no frame')
  await busy.next('refused')
  busy.push({ cid: 'cid-1', n: 9, do: 'skip' })
  await busy.next('refused')
  busy.send({ type: 'join', sub: 2, join: 99, collection: 'nowhere' })
  await busy.next('refused')
  await site.call('CHANGEABLE', 'busy', 'fill', 'others', 'o', 4000, 1000)
  for (const sub of [3, 4, 5]) busy.send({ type: 'join', sub, join: sub, collection: 'others' })
  // Joins wait for room with a timer; what takes their answers acknowledges them.
  await eventually(
    () => {
      busy.send({ type: 'ack', bytes: Number.MAX_SAFE_INTEGER })
      return busy.received.filter((frame) => frame.type === 'joined').length
    },
    (joined) => joined === 4,
    'the joins that waited',
  )
  const expired = await site.connect('/sync/busy', { userId: 'alice', exp: 1 })
  await expired.ended()
  pinging = setInterval(() => client('pinged').sendText('ping'), 1000)
  await pause(IDLE_MS)
}, 60_000)
afterAll(async () => {
  clearInterval(pinging)
  await site.stop()
})

test('twelve idle seconds put the object to sleep, and a write from elsewhere reaches the client that slept with it [H1, H3]', async () => {
  expect(await site.constructions('quiet')).toBe(1)
  const { at } = client('quiet')
  await write('quiet', 'woken')
  expect(await site.constructions('quiet')).toBe(2)
  const pass = await client('quiet').pass()
  expect(pass.from).toBe(at)
  expect(pass.frames[0]?.tables.things?.up).toEqual([['woken', null]])
  expect((await client('quiet').settle(insertInto('things', 'cid-1', 1, 'mine'))).outcomes).toHaveLength(1)
})

test('pings are answered all the while and neither wake the object nor keep it awake [H3]', async () => {
  expect(client('pinged').pongs).toBeGreaterThanOrEqual(IDLE_MS / 1000 - 2)
  expect(await site.constructions('pinged')).toBe(1)
  await write('pinged', 'woken')
  expect(await site.constructions('pinged')).toBe(2)
  expect((await client('pinged').pass()).frames[0]?.tables.things?.up).toEqual([['woken', null]])
})

test('nothing that sync did leaves a timer behind: a busy object sleeps like an idle one [H3]', async () => {
  await write('busy', 'woken')
  expect(await site.constructions('busy')).toBe(2)
})

test('a timer of the author’s own does keep the object awake, so that these tests see one [H3]', async () => {
  await write('timer', 'awake')
  expect(await site.constructions('timer')).toBe(1)
})

test('a ping to a sleeping object does not construct it [H3]', async () => {
  const sleeper = await enter('ping-only')
  await site.evict('CHANGEABLE', 'ping-only')
  for (let i = 0; i < 3; i++) sleeper.sendText('ping')
  await eventually(
    () => sleeper.pongs,
    (pongs) => pongs === 3,
    'three pongs',
  )
  await expect(site.evict('CHANGEABLE', 'ping-only')).rejects.toThrow('not currently running')
  // Anything else does.
  sleeper.send({ type: 'page', request: 1, sub: 1, after: [], limit: 1 })
  await sleeper.next('refused')
  await site.evict('CHANGEABLE', 'ping-only')
})
