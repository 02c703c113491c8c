import type { PushItem } from '@durable-sync/core/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RawClient } from '../support/raw-client.ts'
import { createWorld, type World } from '../support/world.ts'
import { again, CID, call, declared, job, sample, skip, under } from './items.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const committed = { is: 'committed' }

async function enter(room: string): Promise<RawClient> {
  const client = await world.connect(room)
  await client.enter(declared)
  return client
}

/** A client whose id has a row already: what the next turn decides is written back when it ends. */
async function known(room: string): Promise<RawClient> {
  const client = await enter(room)
  await client.settle(sample(1, 'first'))
  return client
}

const outcomesOf = async (client: RawClient, ...items: PushItem[]) =>
  (await client.settle(...items)).outcomes.map(({ outcome }) => outcome)

const counted = (n: number, ms = 0) => call(n, 'tally', { name: `run ${n}`, ms })
const ran = (times: number) => ({ is: 'committed', result: { ran: times } })

const runs = async (room: string) =>
  Object.fromEntries((await world.rows(room, 'traces')).map(({ id, job: times }) => [id, times]))

test('every number of a turn is known after the object was ended, and none is run again [R7, R9]', async () => {
  const client = await known('ended')
  const items = [counted(2), skip(3), job(4, 'x', 'execute-throw-late'), counted(5)]
  const outcomes = await outcomesOf(client, ...items)
  await world.abort('ended')
  expect((await client.ended()).code).toBe(1006)
  const next = await world.connect('ended')
  const { welcome } = await next.enter(declared)
  expect(welcome.cids).toEqual([{ cid: CID, is: 'known', last: 5 }])
  // Whether a number that says nothing was skipped or committed is not asked for again by anybody who keeps to the protocol.
  const replayed = await outcomesOf(next, ...items.map(again))
  expect(replayed).toEqual(outcomes)
  expect(await runs('ended')).toEqual({ 'run 2': '1', 'run 5': '1' })
})

test('the numbers of a turn that the object dies in go with its writes [R7, R9]', async () => {
  const client = await known('dies')
  const items = [counted(2), counted(3), job(4, 'poison', 'execute-abort'), counted(5)]
  client.push(...items)
  expect((await client.ended()).code).toBe(1006)
  const next = await world.connect('dies')
  const { welcome } = await next.enter(declared)
  expect(welcome.cids).toEqual([{ cid: CID, is: 'known', last: 1 }])
  expect(await outcomesOf(next, counted(2), counted(3), skip(4), counted(5))).toEqual([
    ran(1),
    ran(1),
    { is: 'skipped' },
    ran(1),
  ])
})

test('what was decided before a write waits for its permission is durable meanwhile [R7, R9]', async () => {
  const client = await known('waits')
  const items = [counted(2), counted(3), counted(4, 60_000), counted(5)]
  client.push(...items)
  expect((await client.pass()).settled.map(({ n }) => n)).toEqual([2, 3])
  await world.kill()
  await world.start()
  const next = await world.connect('waits')
  const { welcome } = await next.enter(declared)
  expect(welcome.cids).toEqual([{ cid: CID, is: 'known', last: 3 }])
  expect(await outcomesOf(next, counted(2), counted(3), counted(4), counted(5))).toEqual(
    Array(4).fill(ran(1)),
  )
})

test('an attempt that is counted behind decided numbers of its turn stays counted [R9]', async () => {
  const poison = job(4, 'poison', 'execute-abort')
  const items = [sample(2, 'a'), sample(3, 'b'), poison]
  const first = await known('counted')
  first.push(...items)
  await first.ended()
  for (let attempt = 0; attempt < 2; attempt++) {
    const client = await enter('counted')
    // Numbers that were never tried are in the turn that counts the attempt.
    client.push(...items.slice(0, 2), again(poison))
    await client.ended()
  }
  const outcomes = await outcomesOf(await enter('counted'), ...items.slice(0, 2), again(poison))
  expect(outcomes).toMatchObject([committed, committed, { is: 'rejected', code: 'handler-crashed' }])
})

/** Frames that arrive while the process is frozen are dealt with in one turn. */
async function inOneTurn(say: () => void): Promise<void> {
  world.freeze()
  say()
  await new Promise((resolve) => setTimeout(resolve, 50))
  world.thaw()
}

test('outcomes that are seen in the tick of further writes take none of their numbers back [R7]', async () => {
  const client = await known('seen')
  await client.settle(counted(2))
  for (let n = 3; n < 30; n += 3) {
    await inOneTurn(() => {
      client.push(counted(n), counted(n + 1))
      client.send({ type: 'seen', cids: [{ cid: CID, seen: n - 1 }] })
      client.push(counted(n + 2))
    })
    let settled = 0
    while (settled < 3) settled += (await client.pass()).settled.length
  }
  expect(Object.values(await runs('seen'))).toEqual(Array(28).fill('1'))
})

test('a client id that is retired in the tick of its last writes has them, and runs nothing any more [R7]', async () => {
  const client = await known('retired')
  await inOneTurn(() => {
    client.push(sample(2, 'a'), sample(3, 'b'))
    client.send({ type: 'retire', cids: [CID] })
    client.push(sample(4, 'c'))
  })
  expect((await client.until('refused')).frame).toMatchObject({ code: 'cid-retired', n: 4 })
  const next = await world.connect('retired')
  const { welcome } = await next.enter(declared)
  expect(welcome.cids).toEqual([{ cid: CID, is: 'retired', last: 3 }])
})

test('numbers of a turn stay known while more client ids come than the object remembers [R7]', async () => {
  const client = await known('crowd')
  let last = 1
  for (let turn = 0; turn < 105; turn++) {
    const strangers = Array.from({ length: 98 }, (_, i) => under(`stranger ${turn} ${i}`, skip(1)))
    const [before, after] = [sample(last + 1, `before ${turn}`), sample(last + 2, `after ${turn}`)]
    client.push(before, ...strangers, after)
    let settled = 0
    while (settled < 2) {
      const frame = await client.take('changes')
      if (frame.type === 'changes') settled += frame.settled?.length ?? 0
      else expect(frame).toMatchObject({ type: 'refused', code: 'cid-undeclared' })
    }
    last += 2
  }
})

test('a process that is killed while it writes has done each write once, or not yet, and never twice [R7, R9]', async () => {
  const TURN = 50
  let last = 1
  await known('killed')
  for (let round = 0; round < 8; round++) {
    const client = await enter('killed')
    for (let turn = 0; turn < 20; turn++)
      client.push(
        ...Array.from({ length: TURN }, (_, i) => {
          const n = last + turn * TURN + i + 1
          return sample(n, `k${n}`)
        }),
      )
    // Before, or somewhere among these turns.
    if (round % 2 > 0) await client.pass()
    await world.kill()
    await world.start()
    const next = await world.connect('killed')
    const { welcome } = await next.enter(declared)
    const decided = welcome.cids[0]?.last ?? 0
    const rows = new Set((await world.rows('killed', 'samples')).map(({ id }) => id))
    // Each row was inserted by one number, so they are as many as the numbers, the first included.
    expect(rows.size).toBe(decided)
    last = decided
  }
  expect(last).toBeGreaterThan(TURN)
})
