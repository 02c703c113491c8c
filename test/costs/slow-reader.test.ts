import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { declaring, insertInto } from '../hosting/frames.ts'
import { Site } from '../hosting/site.ts'
import { eventually, pause } from '../support/deadline.ts'
import type { RawClient } from '../support/raw-client.ts'

const MB = 1024 * 1024

let site: Site
beforeAll(async () => {
  site = await Site.start()
})
afterEach(() => site.setClock(0))
afterAll(() => site.stop())

async function reader(room: string, userId: string): Promise<RawClient> {
  const client = await site.connect(`/sync/${room}`, { userId })
  await client.enter({ client: userId, ...declaring(`cid-${userId}`) })
  await client.join({ sub: 1, collection: 'things' })
  return client
}

/** Writes rows of together so many megabytes, and announces them. */
async function write(room: string, prefix: string, megabytes: number): Promise<void> {
  await site.call('CHANGEABLE', room, 'fill', 'things', prefix, megabytes * 4, MB / 4)
  await site.call('CHANGEABLE', room, 'syncSql', `INSERT INTO others (id) VALUES ('${prefix}')`)
}

const rowsOf = (client: RawClient) =>
  client.received.reduce(
    (sum, frame) => sum + (frame.type === 'changes' ? (frame.tables.things?.up.length ?? 0) : 0),
    0,
  )
const acknowledge = (client: RawClient) => client.send({ type: 'ack', bytes: Number.MAX_SAFE_INTEGER })
/** Lets so many bytes wait for a user. */
const hold = (room: string, userId: string, bytes: number) =>
  site.call('CHANGEABLE', room, 'holdBack', userId, bytes)

test('a reader for whom more than 4 MB wait is cut with 4429, and the others go on [R11]', async () => {
  const slow = await reader('buffered', 'slow')
  const quick = await reader('buffered', 'quick')
  await hold('buffered', 'slow', 4 * MB)
  await quick.settle(insertInto('things', 'cid-quick', 1, 'a'))
  expect((await slow.pass()).frames[0]?.tables.things?.up).toHaveLength(1)
  await hold('buffered', 'slow', 4 * MB + 1)
  await quick.settle(insertInto('things', 'cid-quick', 2, 'b'))
  expect(await slow.next('goodbye')).toEqual({
    type: 'goodbye',
    code: 4429,
    message: 'the reader is too slow',
    retryAfterMs: 1000,
  })
  expect((await slow.ended()).code).toBe(4429)
  expect((await quick.settle(insertInto('things', 'cid-quick', 3, 'c'))).outcomes).toHaveLength(1)
})

test('what a reader asked for is not held against it, what comes unasked is [R11]', async () => {
  await site.call('CHANGEABLE', 'asked', 'fill', 'things', 'w', 3900, 1000, '€')
  const slow = await site.connect('/sync/asked', { userId: 'slow' })
  await slow.enter({ client: 'slow' })
  await hold('asked', 'slow', 0)
  await slow.join({ sub: 1, collection: 'things' })
  await site.call('CHANGEABLE', 'asked', 'syncSql', `INSERT INTO things (id) VALUES ('a')`)
  await slow.pass()
  await write('asked', 'b', 5)
  // Cut before the next change, not in the middle of one.
  await slow.pass()
  await site.call('CHANGEABLE', 'asked', 'syncSql', `INSERT INTO things (id) VALUES ('c')`)
  expect((await slow.next('goodbye')).code).toBe(4429)
})

/** A client that showed `things` and `others`, then was away while rows of together so many characters changed. */
async function awayFor(room: string, megabytes: number, character: string) {
  const client = await site.connect(`/sync/${room}`, { userId: 'slow' })
  await client.enter({ client: 'slow' })
  const subs = []
  for (const [i, collection] of ['things', 'others'].entries()) {
    const { end } = await client.join({ sub: i, collection })
    subs.push({ id: i, joined: true, collection, shape: end.shape })
  }
  await client.close()
  await site.call('CHANGEABLE', room, 'fill', 'things', 'w', megabytes * 1000, 1000, character)
  return { at: client.at, subs }
}

test('a resume of up to 4 MB is one pass, and is not held against a slow reader either [R3, R11]', async () => {
  const { at, subs } = await awayFor('pass', 3.9, '€')
  const slow = await site.connect('/sync/pass', { userId: 'slow' })
  await hold('pass', 'slow', 0)
  const { welcome, pass } = await slow.enter({ client: 'slow', at, subs })
  expect(welcome.subs.map(({ is }) => is)).toEqual(['resume', 'resume'])
  expect(pass.from).toBe(at)
  expect(pass.frames.length).toBeGreaterThan(10)
  await site.call('CHANGEABLE', 'pass', 'syncSql', `INSERT INTO others (id) VALUES ('a')`)
  expect(await slow.pass()).toMatchObject({ from: pass.to })
})

test('a client that missed more than 4 MB is told to load again, in pieces that it asks for [R11]', async () => {
  const { at, subs } = await awayFor('missed', 4.5, 'x')
  const client = await site.connect('/sync/missed')
  const { welcome, pass } = await client.enter({ at, subs })
  expect(welcome.subs.map(({ is }) => is)).toEqual(['restart', 'restart'])
  expect(welcome.reset).toBeUndefined()
  expect(pass.frames).toMatchObject([{ live: true, tables: {} }])
  const { chunks, requests } = await client.join({ sub: 0, collection: 'things' })
  expect(requests).toBe(2)
  expect(chunks.flatMap(({ up }) => up)).toHaveLength(4500)
})

test('a join waits until what was sent before is nearly out, and is then answered [R4, R11]', async () => {
  const client = await reader('room', 'slow')
  await hold('room', 'slow', 3 * MB)
  client.send({ type: 'join', sub: 2, join: 7, collection: 'others' })
  await client.expectNothing(150)
  await hold('room', 'slow', 100_000)
  expect((await client.until('joined')).frame.join).toBe(7)
})

test('a reader from whom nothing has gone for half a minute while it waits for a join is cut [R11]', async () => {
  const client = await reader('stuck', 'slow')
  await hold('stuck', 'slow', 3 * MB)
  client.send({ type: 'join', sub: 2, join: 7, collection: 'others' })
  await pause(100)
  await site.setClock(31_000)
  expect((await client.next('goodbye')).code).toBe(4429)
})

test('where the runtime does not say what waits, 16 MB without an acknowledgement for 30 s are too slow, and others go on [R11]', async () => {
  const slow = await reader('unacknowledged', 'slow')
  const quick = await reader('unacknowledged', 'quick')
  slow.stall()
  for (let i = 0; i < 6; i++) await write('unacknowledged', `w${i}-`, 3)
  await eventually(
    () => rowsOf(quick),
    (rows) => rows === 72,
    'the quick reader to have everything',
    15_000,
  )
  acknowledge(quick)
  await write('unacknowledged', 'in-time-', 1)
  await site.setClock(31_000)
  await write('unacknowledged', 'too-late-', 1)
  slow.resume()
  expect((await slow.until('goodbye')).frame.code).toBe(4429)
  expect(rowsOf(slow)).toBeLessThanOrEqual(76)
  await eventually(
    () => rowsOf(quick),
    (rows) => rows === 80,
    'the quick reader to have everything',
    15_000,
  )
  expect((await quick.settle(insertInto('things', 'cid-quick', 1, 'a'))).outcomes).toHaveLength(1)
})

test('a reader that acknowledges what it gets is never too slow, however much that is [R11]', async () => {
  const client = await reader('acknowledged', 'steady')
  for (let i = 0; i < 6; i++) {
    await write('acknowledged', `w${i}-`, 3)
    await eventually(
      () => rowsOf(client),
      (rows) => rows === 12 * (i + 1),
      'the rows',
      10_000,
    )
    acknowledge(client)
  }
  await site.setClock(31_000)
  await write('acknowledged', 'last-', 1)
  await eventually(
    () => rowsOf(client),
    (rows) => rows === 76,
    'the last rows',
  )
  expect(client.received.some((frame) => frame.type === 'goodbye')).toBe(false)
})
