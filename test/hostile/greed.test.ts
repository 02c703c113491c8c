import type { ServerFrame } from '@durable-sync/core/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { declaring, insertInto } from '../hosting/frames.ts'
import { Site } from '../hosting/site.ts'
import { eventually, pause } from '../support/deadline.ts'
import type { RawClient } from '../support/raw-client.ts'
import type { KeptSubscription } from '../worker/kept-subscriptions.ts'
import { promptly } from './promptly.ts'

let site: Site
beforeAll(async () => {
  site = await Site.start()
})
afterAll(() => site.stop())

const MB = 1024 * 1024
/** Fifty answers are four times as much, once as text and once as bytes. */
const MOST_MEMORY = 100 * MB

const fill = (room: string, table: string, megabytes: number, character = 'x') =>
  site.call('CHANGEABLE', room, 'fill', table, table, megabytes * 1000, 1000, character)

/** The receipts of `items` come in order, at most `most` in a pass. */
async function expectReceipts(client: RawClient, items: readonly { readonly n: number }[], most: number) {
  const numbers: number[] = []
  while (numbers.length < items.length) {
    const { settled } = await client.pass()
    expect(settled.length).toBeLessThanOrEqual(most)
    numbers.push(...settled.map(({ n }) => n))
  }
  expect(numbers).toEqual(items.map(({ n }) => n))
}

async function neighbourOf(room: string) {
  const client = await site.connect(`/sync/${room}`, { userId: 'nora' })
  await client.enter({ client: 'neighbour', ...declaring('cid-n') })
  let n = 0
  return async () => {
    n++
    await promptly(client.settle(insertInto('others', 'cid-n', n, `${n}`)), 'the neighbour’s write')
  }
}

const joinsOf = (frames: readonly ServerFrame[]) =>
  frames.flatMap((frame) => (frame.type === 'joined' || frame.type === 'next' ? [frame.join] : []))

/** Reads as clients do, acknowledging about every megabyte, until so many joins were answered. */
async function answers(client: RawClient, count: number): Promise<void> {
  let counted = 0
  let bytes = 0
  let acked = 0
  const read = () => {
    for (; counted < client.received.length; counted++)
      bytes += JSON.stringify(client.received[counted]).length
    if (bytes - acked >= MB) {
      acked = bytes
      client.send({ type: 'ack', bytes })
    }
    return joinsOf(client.received).length
  }
  await eventually(read, (answered) => answered >= count, `${count} answers`, 15_000)
}

test.skipIf(process.platform !== 'linux')(
  'fifty joins of four megabytes that nobody reads do not fill the object’s memory, and a neighbour writes on [I3, R11]',
  async () => {
    await fill('flood', 'things', 4)
    const write = await neighbourOf('flood')
    const client = await site.connect('/sync/flood')
    await client.enter()
    client.stall()
    const before = await site.residentBytes()
    for (let i = 0; i < 50; i++) client.send({ type: 'join', sub: i, join: i, collection: 'things' })
    for (let i = 0; i < 10; i++) {
      await pause(50)
      await write()
    }
    expect((await site.residentBytes()) - before).toBeLessThan(MOST_MEMORY)
    client.drop()
    await write()
  },
)

test('the more is on its way to everybody, the shorter are the answers, and nobody waits for those who do not read [I3, R4]', async () => {
  await fill('crowd', 'things', 6)
  const join = async (userId: string) => {
    const client = await site.connect('/sync/crowd', { userId }, { patienceMs: 20_000 })
    await client.enter({ client: userId })
    const { requests, chunks } = await client.join({ sub: 1, collection: 'things' })
    expect(chunks.reduce((rows, { up }) => rows + up.length, 0)).toBe(6000)
    return requests
  }
  const alone = await join('early')
  for (let i = 0; i < 12; i++) {
    const client = await site.connect('/sync/crowd', { userId: `stalled-${i}` })
    await client.enter({ client: `stalled-${i}` })
    client.stall()
    client.send({ type: 'join', sub: 1, join: 1, collection: 'things' })
  }
  // Messages of several sockets have no order: each of these comes after some of those.
  let crowded = 0
  for (let i = 0; i < 3; i++) crowded = await join(`late-${i}`)
  expect(alone).toBe(2)
  expect(crowded).toBeGreaterThan(2 * alone)
})

test('joins that had to wait are answered in the order in which they were asked for, all of them [R4]', async () => {
  await fill('patience', 'things', 3)
  const client = await site.connect('/sync/patience')
  await client.enter()
  const asked = Array.from({ length: 12 }, (_, i) => i)
  for (const i of asked) client.send({ type: 'join', sub: i, join: i, collection: 'things' })
  await answers(client, asked.length)
  expect(joinsOf(client.received)).toEqual(asked)
})

test('a client that loads several large tables at once is not cut while others write [R4, R11]', async () => {
  for (const table of ['things', 'extras']) await fill('legitimate', table, 3.5, '€')
  const write = await neighbourOf('legitimate')
  const client = await site.connect('/sync/legitimate')
  await client.enter(declaring('cid-1'))
  for (const [i, collection] of ['others', 'things', 'extras'].entries())
    client.send({ type: 'join', sub: i, join: i, collection })
  for (let n = 1; n <= 20; n++) {
    client.push(insertInto('others', 'cid-1', n, `mine ${n}`))
    await write()
  }
  await answers(client, 3)
  expect(client.received.some((frame) => frame.type === 'goodbye')).toBe(false)
})

test('a join that waits is forgotten when its subscription is left, and replaced by a newer one [R4]', async () => {
  await fill('changed-mind', 'things', 4)
  const client = await site.connect('/sync/changed-mind')
  await client.enter()
  for (const [join, sub] of [1, 2, 3, 3].entries())
    client.send({ type: 'join', sub, join, collection: 'things' })
  client.send({ type: 'leave', sub: 2 })
  await answers(client, 2)
  await pause(100)
  expect(joinsOf(client.received)).toEqual([0, 3])
  const subs = await site.call<KeptSubscription[]>('CHANGEABLE', 'changed-mind', 'subscriptions')
  expect(subs.map(({ sub }) => sub).sort()).toEqual([1, 3])
})

test('a join that waits while the object registers again is to be asked for again, and then has the new shape [D11, R4]', async () => {
  await fill('migrated', 'things', 4)
  const client = await site.connect('/sync/migrated')
  await client.enter()
  client.send({ type: 'join', sub: 1, join: 1, collection: 'things' })
  client.send({ type: 'join', sub: 2, join: 2, collection: 'others' })
  await site.call('CHANGEABLE', 'migrated', 'addColumnAndRegister', 'others')
  await answers(client, 1)
  const restart = await eventually(
    () => client.received.find((frame) => frame.type === 'restart' && frame.sub === 2),
    (frame) => frame !== undefined,
    'to be asked to start over',
  )
  expect(restart).toEqual({
    type: 'restart',
    sub: 2,
    reason: expect.stringMatching(/^(requested|shape)$/) as unknown,
  })
})

test('a number that is asked for eight thousand times in one frame is not read and sent eight thousand times [C4, I3]', async () => {
  const write = await neighbourOf('echoes')
  const client = await site.connect('/sync/echoes')
  await client.enter(declaring('cid-1'))
  const large = { cid: 'cid-1', n: 1, do: 'call', name: 'large', args: { characters: 200_000 } } as const
  await client.settle(large)
  client.push(...Array.from({ length: 8000 }, () => ({ cid: 'cid-1', n: 1, do: 'skip' }) as const))
  await write()
  // Once a turn, of which this frame takes a few.
  await pause(300)
  const answers = client.received.flatMap((frame) => (frame.type === 'changes' ? (frame.settled ?? []) : []))
  expect(answers.length).toBeGreaterThan(1)
  expect(answers.length).toBeLessThan(30)
})

test('a frame of thousands of refused numbers is answered for each, and a neighbour writes on [I3, R7]', async () => {
  const write = await neighbourOf('gaps')
  const client = await site.connect('/sync/gaps')
  await client.enter(declaring('cid-1'))
  const numbers = Array.from({ length: 5000 }, (_, i) => i + 2)
  client.push(...numbers.map((n) => ({ cid: 'cid-1', n, do: 'skip' }) as const))
  await write()
  const refusals = () => client.received.filter((frame) => frame.type === 'refused')
  await eventually(refusals, (all) => all.length === numbers.length, 'every refusal')
  expect(refusals().map((frame) => frame.re === 'push' && frame.n)).toEqual(numbers)
})

test('of a write that says a hundred thousand operations none is made or looked at, and a neighbour writes on [C22, I3, R28]', async () => {
  const write = await neighbourOf('operations')
  const client = await site.connect('/sync/operations')
  await client.enter(declaring('cid-1'))
  // The last one has no form: whoever looked at them all would refuse the frame, and nobody would settle the number.
  const ops = [...Array.from({ length: 100_000 }, () => [0, 'k']), [1, 'k']]
  const forms = [{ do: 'delete', in: 'things' }]
  for (const [n, item] of [ops, { do: 'mutate', ops, again: true }].entries()) {
    client.sendText(
      JSON.stringify({ type: 'push', forms, runs: [{ cid: 'cid-1', n: n + 1, items: [item] }] }),
    )
    await write()
    const { settled } = await client.pass()
    expect(settled).toMatchObject([
      {
        n: n + 1,
        outcome: { code: 'too-many-ops', message: expect.stringContaining('100001 operations') as unknown },
      },
    ])
  }
})

test('a frame of thousands of writes is carried out in order and in several turns, with others in between [I3, R9]', async () => {
  const write = await neighbourOf('crowded')
  const client = await site.connect('/sync/crowded')
  await client.enter(declaring('cid-1'))
  const items = Array.from({ length: 6000 }, (_, i) => insertInto('things', 'cid-1', i + 1, `${i}`))
  client.push(...items)
  await write()
  await write()
  expect(
    await site.call('CHANGEABLE', 'crowded', 'storageSql', 'SELECT count(*) AS n FROM things'),
  ).not.toEqual([{ n: items.length }])
  await expectReceipts(client, items, 600)
})

test('a frame of mutations that have hundreds of operations is carried out in several turns, with others in between [I3, R9]', async () => {
  const write = await neighbourOf('batches')
  const client = await site.connect('/sync/batches')
  await client.enter(declaring('cid-1'))
  const batch = (i: number) =>
    Array.from({ length: 500 }, (_, j) => ({
      collection: 'things',
      type: 'insert' as const,
      key: `${i} ${j}`,
      cols: {},
    }))
  const items = Array.from({ length: 60 }, (_, i) => ({
    cid: 'cid-1',
    n: i + 1,
    do: 'mutate' as const,
    ops: batch(i),
  }))
  client.push(...items)
  await write()
  await write()
  expect(
    await site.call('CHANGEABLE', 'batches', 'storageSql', 'SELECT count(*) AS n FROM things'),
  ).not.toEqual([{ n: items.length * 500 }])
  await expectReceipts(client, items, 3)
})

test('thousands of writes that waited behind a permission are carried out in several turns, with others in between [I3, R9]', async () => {
  const write = await neighbourOf('behind')
  const client = await site.connect('/sync/behind')
  await client.enter(declaring('cid-1'))
  const items = Array.from({ length: 6000 }, (_, i) => insertInto('things', 'cid-1', i + 2, `${i}`))
  const first = { cid: 'cid-1', n: 1, do: 'call', name: 'append', args: { id: 'a', afterMs: 500 } } as const
  client.push(first, ...items)
  // The permission of the first comes after all of them have.
  await write()
  await expectReceipts(client, [first, ...items], 600)
})

test('who names the client id of somebody else takes the place of none of their writes that wait [I3, R7]', async () => {
  const victim = await site.connect('/sync/places', { userId: 'ada' })
  await victim.enter({ client: 'victim', ...declaring('cid-1') })
  const intruder = await site.connect('/sync/places', { userId: 'mallory' })
  await intruder.enter({ client: 'intruder', ...declaring('cid-1') })
  const first = { cid: 'cid-1', n: 1, do: 'call', name: 'append', args: { id: 'a', afterMs: 300 } } as const
  victim.push(first, insertInto('things', 'cid-1', 2, 'mine'))
  await pause(50)
  intruder.push(insertInto('things', 'cid-1', 2, 'theirs'))
  const settled = () =>
    victim.received.flatMap((frame) => (frame.type === 'changes' ? (frame.settled ?? []) : []))
  await eventually(settled, (all) => all.length === 2, 'both receipts')
  expect(settled().map(({ n, outcome }) => [n, outcome.is])).toEqual([
    [1, 'committed'],
    [2, 'committed'],
  ])
  expect(await intruder.next('refused')).toMatchObject({ re: 'push', n: 2, code: 'cid-foreign' })
  expect(
    await site.call(
      'CHANGEABLE',
      'places',
      'storageSql',
      "SELECT id FROM things WHERE id IN ('mine', 'theirs')",
    ),
  ).toEqual([{ id: 'mine' }])
})

test('a frame that names a hundred thousand client ids which its socket has not declared touches none of them, and a neighbour writes on [I3, R7]', async () => {
  const write = await neighbourOf('names')
  const owner = await site.connect('/sync/names', { userId: 'ada' })
  await owner.enter({ client: 'owner', ...declaring('cid-1') })
  const large = { cid: 'cid-1', n: 1, do: 'call', name: 'large', args: { characters: 100 } } as const
  await owner.settle(large)
  const client = await site.connect('/sync/names', { userId: 'ada' })
  await client.enter({ client: 'another', ...declaring('cid-2') })
  const cids = ['cid-1', ...Array.from({ length: 100_000 }, (_, i) => i.toString(36))]
  client.send({ type: 'retire', cids })
  client.send({ type: 'seen', cids: cids.slice(0, 30_000).map((cid) => ({ cid, seen: 1 })) })
  await client.settle(insertInto('others', 'cid-2', 1, 'after that'))
  await write()
  const { outcomes } = await owner.settle(large, insertInto('others', 'cid-1', 2, 'not retired'))
  expect(outcomes.map(({ outcome }) => outcome)).toEqual([
    { is: 'committed', result: 'x'.repeat(100) },
    { is: 'committed' },
  ])
})

const largeCall = (cid: string, n: number) =>
  ({ cid, n, do: 'call', name: 'large', args: { characters: 200_000 } }) as const

test('outcomes that nobody has seen are not told all at once, by a hello or by a frame that asks for them [I3, R7, R28]', async () => {
  const cids = Array.from({ length: 30 }, (_, i) => ({ cid: `cid-${i}`, seen: 0 }))
  const hoarder = await site.connect('/sync/hoard')
  await hoarder.enter({ cids })
  for (const { cid } of cids) await hoarder.settle(...[1, 2, 3, 4, 5].map((n) => largeCall(cid, n)))
  const client = await site.connect('/sync/hoard')
  const { welcome, pass } = await client.enter({ cids })
  const known = welcome.cids.filter(({ is }) => is === 'known')
  expect(JSON.stringify(pass.settled).length).toBeLessThan(4.5 * MB)
  expect(pass.settled).toHaveLength(known.length * 5)
  expect(known.length).toBeGreaterThan(2)
  expect(welcome.cids[29]).toEqual({ cid: 'cid-29', is: 'unknown', last: 0 })
  // What is written under the rest is declared when it is sent again, and was not run twice.
  client.send({ type: 'open', cids: cids.slice(known.length) })
  client.push(...cids.slice(known.length).flatMap(({ cid }) => [1, 2, 3, 4, 5].map((n) => largeCall(cid, n))))
  let told = known.length * 5
  while (told < 150) {
    const { settled } = await client.pass()
    expect(JSON.stringify(settled).length).toBeLessThan(5 * MB)
    told += settled.length
  }
  expect(told).toBe(150)
})

/** Writes of about a megabyte each, behind one whose permission takes so long. */
const bulk = (afterMs: number, count: number) => [
  { cid: 'cid-1', n: 1, do: 'call', name: 'append', args: { id: 'first', afterMs } } as const,
  ...Array.from({ length: count }, (_, i) =>
    insertInto('things', 'cid-1', i + 2, `${i}`, { body: 'x'.repeat(MB - 500) }),
  ),
]

const busy = (client: RawClient) =>
  client.received.flatMap((frame) =>
    frame.type === 'refused' && frame.re === 'push' && frame.code === 'busy' ? [frame.n] : [],
  )

test.skipIf(process.platform !== 'linux')(
  'what waits behind a permission that never comes is bounded, on however many sockets, and a neighbour writes on [I3, R28]',
  async () => {
    const write = await neighbourOf('waiting')
    const before = await site.residentBytes()
    const clients: RawClient[] = []
    for (let i = 0; i < 3; i++) {
      const client = await site.connect('/sync/waiting', { userId: 'greedy' })
      clients.push(client)
      await client.enter({ client: `greedy-${i}`, ...declaring(`cid-${i}`) })
      for (const item of bulk(600_000, 60)) client.push({ ...item, cid: `cid-${i}` })
      await write()
    }
    const refused = () => clients.reduce((sum, client) => sum + busy(client).length, 0)
    await eventually(refused, (count) => count > 150, 'most to be refused')
    expect(refused()).toBeLessThan(165)
    expect((await site.residentBytes()) - before).toBeLessThan(2 * MOST_MEMORY)
    await write()
  },
)

test.skipIf(process.platform !== 'linux')(
  'what is done of a client id that always has more waiting is not kept in memory [I3]',
  async () => {
    const client = await site.connect('/sync/endless', { userId: 'greedy' })
    await client.enter(declaring('cid-1'))
    const settled = () =>
      client.received.flatMap((frame) => (frame.type === 'changes' ? (frame.settled ?? []) : [])).length
    // Each is sent while the ten before it wait, so that its lane is never empty.
    const call = (n: number) => {
      const args = { id: 'one', afterMs: 5, padding: 'x'.repeat(MB - 500) }
      return { cid: 'cid-1', n, do: 'call', name: 'append', args } as const
    }
    const send = async (from: number, to: number) => {
      for (let n = from; n <= to; n++) {
        client.push(call(n))
        await eventually(settled, (count) => count >= n - 10, `write ${n}`)
      }
    }
    await send(1, 40)
    const before = await site.residentBytes()
    await send(41, 240)
    expect((await site.residentBytes()) - before).toBeLessThan(MOST_MEMORY)
  },
)

test('small writes and operations count as what they take, and not as what they are spelt with [I3, R28]', async () => {
  const write = await neighbourOf('small')
  const client = await site.connect('/sync/small', { userId: 'greedy' })
  await client.enter(declaring('cid-1'))
  const [first] = bulk(600_000, 0)
  if (first) client.push(first)
  for (let i = 0; i < 20; i++)
    client.push(
      ...Array.from({ length: 8000 }, (_, j) => ({ cid: 'cid-1', n: 2 + 8000 * i + j, do: 'skip' }) as const),
    )
  await write()
  await eventually(
    () => busy(client),
    (numbers) => numbers.length > 0,
    'a refusal',
  )
  expect(busy(client)[0]).toBeGreaterThan(10_000)
})

test('writes that are refused because too many wait are carried out when they are sent again, each once and in order [C4, I3, R7]', async () => {
  const client = await site.connect('/sync/again', { userId: 'greedy' })
  await client.enter(declaring('cid-1'))
  // Time enough to send all of it on a busy machine.
  const items = bulk(4000, 40)
  for (const item of items) client.push(item)
  const settled = () =>
    client.received.flatMap((frame) => (frame.type === 'changes' ? (frame.settled ?? []) : []))
  const refused = await eventually(
    () => busy(client),
    (numbers) => numbers.at(-1) === items.length,
    'the last of them to be refused',
  )
  expect(refused.length).toBeGreaterThan(5)
  const kept = items.length - refused.length
  expect(refused).toEqual(items.slice(kept).map(({ n }) => n))
  await eventually(settled, ({ length }) => length === kept, 'receipts of those that were kept')
  for (const item of items.slice(kept)) client.push(item)
  await eventually(settled, ({ length }) => length === items.length, 'all receipts')
  expect(settled().map(({ n }) => n)).toEqual(items.map(({ n }) => n))
  expect(await site.call('CHANGEABLE', 'again', 'storageSql', 'SELECT count(*) AS n FROM things')).toEqual([
    { n: items.length },
  ])
})
