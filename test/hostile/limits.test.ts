import { DEFAULT_LIMITS, type PushItem } from '@durable-sync/core/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { declaring, insertInto } from '../hosting/frames.ts'
import { Site } from '../hosting/site.ts'
import type { RawClient } from '../support/raw-client.ts'
import { endOf } from './intruder.ts'

let site: Site
beforeAll(async () => {
  site = await Site.start()
})
afterAll(() => site.stop())

const { frameBytes, helloBytes, subscriptions, opsPerMutation, cidsPerHello, resultBytes } = DEFAULT_LIMITS

async function enter(room: string, fields: Parameters<RawClient['enter']>[0] = declaring('cid-1')) {
  const client = await site.connect(`/sync/${room}`)
  return { client, ...(await client.enter(fields)) }
}

/** A frame with a field that nobody knows, of exactly so many bytes. */
function padded(frame: object, bytes: number, character = 'x'): string {
  const empty = JSON.stringify({ ...frame, padding: '' })
  const missing = bytes - Buffer.byteLength(empty)
  const size = Buffer.byteLength(character)
  return JSON.stringify({
    ...frame,
    padding: character.repeat(Math.floor(missing / size)) + 'x'.repeat(missing % size),
  })
}

const things = (n: number, count: number, prefix = ''): PushItem => ({
  cid: 'cid-1',
  n,
  do: 'mutate',
  ops: Array.from({ length: count }, (_, i) => ({
    collection: 'things',
    type: 'insert',
    key: `${prefix}${i}`,
    cols: {},
  })),
})
const outcomeOf = async (client: RawClient, item: PushItem) =>
  (await client.settle(item)).outcomes[0]?.outcome

/** Answered at once, so that what was said before it has been dealt with. */
async function answersStill(client: RawClient): Promise<void> {
  client.send({ type: 'page', request: 1, sub: 1, after: [], limit: 1 })
  expect(await client.next('refused')).toMatchObject({ re: 'page' })
}

test('a frame may have a megabyte, counted in bytes, and one byte more is refused with both numbers [I3, R28, D10]', async () => {
  const { client } = await enter('frames')
  for (const character of ['x', 'é', '€', '😀']) {
    client.sendText(padded({ type: 'ack', bytes: 0 }, frameBytes, character))
    await answersStill(client)
    client.sendText(padded({ type: 'ack', bytes: 0 }, frameBytes + 1, character))
    expect(await client.next('refused')).toEqual({
      type: 'refused',
      re: 'frame',
      code: 'frame-too-large',
      message: `the frame has ${frameBytes + 1} bytes, ${frameBytes} are allowed`,
    })
    await answersStill(client)
  }
})

test('a hello may have 256 KB, one byte more closes with 4400 [R28]', async () => {
  const hello = { type: 'hello', v: 1, client: 'c', cids: [], at: null, subs: [] }
  for (const [bytes, taken] of [
    [helloBytes, true],
    [helloBytes + 1, false],
  ] as const) {
    const client = await site.connect('/sync/hellos')
    client.sendText(padded(hello, bytes, '€'))
    if (taken) await client.next('welcome')
    else expect((await endOf(client)).code).toBe(4400)
  }
})

test('a socket has 256 subscriptions; one more is refused and the others are live [I3, R28]', async () => {
  const { client } = await enter('subscriptions')
  const { end } = await client.join({ sub: 0, collection: 'things' })
  const { at } = client
  await client.close()
  const subs = Array.from({ length: subscriptions + 1 }, (_, id) => ({
    id,
    joined: true,
    collection: 'things',
    shape: end.shape,
  }))
  const back = await enter('subscriptions', { at, subs, ...declaring('cid-1') })
  expect(back.welcome.subs.filter(({ is }) => is === 'resume')).toHaveLength(subscriptions)
  expect(back.welcome.subs.at(-1)).toMatchObject({
    id: subscriptions,
    is: 'refused',
    code: 'too-many-subscriptions',
  })
  back.client.send({ type: 'join', sub: 999, join: 1, collection: 'others' })
  expect(await back.client.next('refused')).toMatchObject({
    re: 'join',
    join: 1,
    code: 'too-many-subscriptions',
  })
  const { passes } = await back.client.settle(things(1, 1))
  expect(passes[0]?.frames[0]?.tables.things?.up).toHaveLength(1)
  // One that is joined may join again, and one that is left makes room.
  await back.client.join({ sub: 5, collection: 'things' })
  back.client.send({ type: 'leave', sub: 6 })
  await back.client.join({ sub: 999, collection: 'others' })
})

test('a mutation has 500 operations; one more is rejected and nothing of it is applied [C22, R28]', async () => {
  const { client } = await enter('operations')
  expect(await outcomeOf(client, things(1, opsPerMutation + 1, 'a'))).toMatchObject({
    is: 'rejected',
    code: 'too-many-ops',
  })
  expect(await site.call('CHANGEABLE', 'operations', 'storageSql', 'SELECT * FROM things')).toEqual([])
  expect(await outcomeOf(client, things(2, opsPerMutation, 'b'))).toEqual({ is: 'committed' })
})

test('a socket declares 64 client ids, in hello and later together; one more closes with 4400 [R28]', async () => {
  const cids = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => ({ cid: `cid-${from + i}`, seen: 0 }))
  const tooMany = await site.connect('/sync/cids')
  tooMany.hello({ cids: cids(0, cidsPerHello + 1) })
  expect((await endOf(tooMany)).code).toBe(4400)
  const { client } = await enter('cids', { cids: cids(0, cidsPerHello - 1) })
  client.send({ type: 'open', cids: cids(1, cidsPerHello) })
  await answersStill(client)
  client.send({ type: 'open', cids: cids(cidsPerHello, cidsPerHello + 1) })
  expect((await endOf(client)).code).toBe(4400)
})

test('a result may have 256 KB, counted in bytes; one more is rejected [C19, R28]', async () => {
  const { client } = await enter('results')
  const large = (n: number, characters: number): PushItem => ({
    cid: 'cid-1',
    n,
    do: 'call',
    name: 'large',
    args: { characters },
  })
  expect(await outcomeOf(client, large(1, resultBytes - 2))).toMatchObject({ is: 'committed' })
  expect(await outcomeOf(client, large(2, resultBytes - 1))).toMatchObject({
    is: 'rejected',
    code: 'result-too-large',
  })
})

/** Sets limits for the next construction, and constructs. */
async function limited(room: string, limits: Partial<typeof DEFAULT_LIMITS>): Promise<void> {
  await site.call('CHANGEABLE', room, 'configure', { collections: ['things', 'others'], limits })
  await site.evict('CHANGEABLE', room)
}

test('limits are the author’s to set, and the welcome says which are in force [R28]', async () => {
  const limits = {
    frameBytes: 500,
    subscriptions: 2,
    itemsPerPush: 2,
    opsPerMutation: 3,
    cidsPerHello: 1,
    resultBytes: 10,
    rowBytes: 50,
  }
  await limited('own', limits)
  const { client, welcome } = await enter('own')
  expect(welcome.limits).toEqual({ ...DEFAULT_LIMITS, ...limits })
  client.sendText(padded({ type: 'ack', bytes: 0 }, 501))
  expect(await client.next('refused')).toMatchObject({ code: 'frame-too-large' })
  client.push(things(1, 1), things(2, 1), things(3, 1))
  expect(await client.next('refused')).toMatchObject({
    re: 'frame',
    code: 'frame-invalid',
    message: 'the push has 3 writes, 2 are allowed',
  })
  expect(await outcomeOf(client, things(1, 4))).toMatchObject({ code: 'too-many-ops' })
  const body = 'x'.repeat(50)
  expect(await outcomeOf(client, insertInto('things', 'cid-1', 2, 'k', { body }))).toMatchObject({
    code: 'row-too-large',
  })
  expect(
    await outcomeOf(client, { cid: 'cid-1', n: 3, do: 'call', name: 'large', args: { characters: 9 } }),
  ).toMatchObject({
    code: 'result-too-large',
  })
  for (const sub of [1, 2]) await client.join({ sub, collection: 'things' })
  client.send({ type: 'join', sub: 3, join: 9, collection: 'things' })
  expect(await client.next('refused')).toMatchObject({ code: 'too-many-subscriptions' })
  client.send({ type: 'open', cids: [{ cid: 'cid-2', seen: 0 }] })
  expect((await endOf(client)).code).toBe(4400)
})

test('a row is measured in bytes, whatever its characters [R28]', async () => {
  await limited('rows', { rowBytes: 60 })
  const { client } = await enter('rows')
  expect(await outcomeOf(client, insertInto('things', 'cid-1', 1, 'k', { body: 'x'.repeat(50) }))).toEqual({
    is: 'committed',
  })
  expect(
    await outcomeOf(client, insertInto('things', 'cid-1', 2, 'l', { body: '€'.repeat(50) })),
  ).toMatchObject({
    code: 'row-too-large',
  })
})

test('too many outcomes that nobody has seen make an id busy, by number or by size, until it has seen some [R28]', async () => {
  for (const [room, limits] of [
    ['busy-number', { outcomesPerCid: 2 }],
    ['busy-size', { outcomeBytesPerCid: 150 }],
  ] as const) {
    await limited(room, limits)
    const { client } = await enter(room)
    const call = (n: number): PushItem => ({
      cid: 'cid-1',
      n,
      do: 'call',
      name: 'large',
      args: { characters: 60 },
    })
    for (const n of [1, 2]) expect(await outcomeOf(client, call(n))).toMatchObject({ is: 'committed' })
    client.push(call(3))
    expect(await client.next('refused')).toMatchObject({ re: 'push', n: 3, code: 'busy', expected: 3 })
    // What is decided is answered as ever, and another id of the same client is not busy.
    expect(await outcomeOf(client, call(2))).toMatchObject({ is: 'committed' })
    client.send({ type: 'open', cids: [{ cid: 'cid-2', seen: 0 }] })
    expect(await outcomeOf(client, { cid: 'cid-2', n: 1, do: 'skip' })).toEqual({ is: 'skipped' })
    client.send({ type: 'seen', cids: [{ cid: 'cid-1', seen: 1 }] })
    expect(await outcomeOf(client, call(3))).toMatchObject({ is: 'committed' })
  }
})

test('a limit that a deployment lowers does not turn what was committed into a rejection [C10]', async () => {
  const { client } = await enter('lowered')
  expect(await outcomeOf(client, things(1, 10))).toEqual({ is: 'committed' })
  await limited('lowered', { opsPerMutation: 5, frameBytes: 10_000 })
  expect(await outcomeOf(client, things(1, 10))).toEqual({ is: 'committed' })
  expect(await outcomeOf(client, things(2, 10))).toMatchObject({ code: 'too-many-ops' })
})
