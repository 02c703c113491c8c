import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, pause } from '../support/deadline.ts'
import type { RawClient } from '../support/raw-client.ts'
import { createWorld, type World } from '../support/world.ts'
import { again, CID, call, declared, insert, job, mutate, sample, skip, under } from './items.ts'
import { Watcher } from './watcher.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const committed = { is: 'committed' }
const receipt = (n: number, outcome: unknown) => ({ cid: CID, n, outcome })
const denied = { is: 'rejected', code: 'denied', message: 'authorize says no' }

/** A socket that has said hello and declared the usual client id. */
async function enter(room: string, fields: Parameters<RawClient['hello']>[0] = {}, userId = 'alice') {
  const client = await world.connect(room, { userId })
  const { welcome, pass } = await client.enter({ ...declared, ...fields })
  return { client, welcome, pass }
}

const keys = async (room: string, table: string) => (await world.rows(room, table)).map(({ id }) => id)

test('a resend is answered with the first outcome and runs nothing [C1, C4, R7]', async () => {
  const { client } = await enter('resend')
  const counted = call(3, 'tally', { name: 'runs', ms: 0 })
  const items = [sample(1, 'a'), job(2, 'b', 'authorize-throw'), counted]
  const first = await client.settle(...items)
  expect(first.outcomes).toEqual([
    receipt(1, committed),
    receipt(2, denied),
    receipt(3, { is: 'committed', result: { ran: 1 } }),
  ])
  const second = await client.settle(...items)
  expect(second.outcomes).toEqual(first.outcomes)
  expect(await world.rows('resend', 'traces')).toEqual([{ id: 'runs', job: '1' }])
  expect(await keys('resend', 'samples')).toEqual(['a'])
})

test('an eviction and a killed process change no outcome [C4, R7]', async () => {
  const { client } = await enter('survives')
  const items = [
    sample(1, 'a'),
    job(2, 'b', 'authorize-throw'),
    call(3, 'tally', { name: 'runs', ms: 0 }),
  ] as const
  const { outcomes } = await client.settle(...items)
  await world.evict('survives')
  expect((await client.settle(...items)).outcomes).toEqual(outcomes)
  await world.kill()
  await world.start()
  const { client: next, welcome } = await enter('survives')
  expect(welcome.cids).toEqual([{ cid: CID, is: 'known', last: 3 }])
  expect((await next.settle(...items)).outcomes).toEqual(outcomes)
})

test('a resend on a second socket runs the handler once [C5, R7]', async () => {
  const { client: first } = await enter('second-socket', { client: 'a' })
  const item = call(1, 'tally', { name: 'runs', ms: 200 })
  first.push(item)
  await pause(50)
  const { client: second, welcome } = await enter('second-socket', { client: 'b' })
  expect(welcome.cids).toEqual([{ cid: CID, is: 'unknown', last: 0 }])
  const { outcomes } = await second.settle(again(item))
  expect(outcomes).toEqual([receipt(1, { is: 'committed', result: { ran: 1 } })])
  await pause(300)
  expect(await world.rows('second-socket', 'traces')).toEqual([{ id: 'runs', job: '1' }])
  // The first socket lost the client id to the second, so its own attempt was not carried out.
  expect(await first.next('refused')).toMatchObject({ re: 'push', n: 1, code: 'cid-undeclared' })
})

test('a resend on the same socket waits for the attempt and replays it [C5, R9]', async () => {
  const { client } = await enter('same-socket')
  const item = call(1, 'tally', { name: 'runs', ms: 100 })
  client.push(item, item)
  client.push(again(item))
  const pass = await client.pass()
  // One number, asked for three times in one turn, is answered once.
  expect(pass.settled).toEqual([receipt(1, { is: 'committed', result: { ran: 1 } })])
})

test('a write whose client went away while authorize waited is carried out once [C5, C6]', async () => {
  const { client } = await enter('gone')
  const item = call(1, 'tally', { name: 'runs', ms: 200 })
  client.push(item)
  await pause(50)
  client.drop()
  const { client: next } = await enter('gone')
  const { outcomes } = await next.settle(again(item))
  expect(outcomes).toEqual([receipt(1, { is: 'committed', result: { ran: 1 } })])
  await pause(300)
  expect(await world.rows('gone', 'traces')).toEqual([{ id: 'runs', job: '1' }])
})

test('the first pass after hello carries the rejections that were not seen [C7, R3, R7]', async () => {
  const { client } = await enter('lost-rejection')
  await client.settle(
    job(1, 'a', 'authorize-throw'),
    sample(2, 'b'),
    job(3, 'c', 'check-false'),
    call(4, 'echo', { x: 1 }),
  )
  client.drop()
  const { client: next, pass } = await enter('lost-rejection')
  const rejected = receipt(3, { is: 'rejected', code: 'denied', message: 'not allowed' })
  const echoed = receipt(4, { is: 'committed', result: { x: 1 } })
  expect(pass.settled).toEqual([receipt(1, denied), rejected, echoed])
  next.drop()
  const later = await enter('lost-rejection', { cids: [{ cid: CID, seen: 3 }] })
  expect(later.pass.settled).toEqual([echoed])
})

test('a limit lowered since does not change the outcome of a resend [C10]', async () => {
  const { client } = await enter('lowered')
  const two = mutate(1, insert('samples', 'a', {}), insert('samples', 'b', {}))
  await client.settle(two)
  await world.control('lowered', 'register', { limits: { opsPerMutation: 1 } })
  const { outcomes } = await client.settle(
    two,
    mutate(2, insert('samples', 'c', {}), insert('samples', 'd', {})),
  )
  expect(outcomes).toMatchObject([
    receipt(1, committed),
    { n: 2, outcome: { is: 'rejected', code: 'too-many-ops' } },
  ])
  expect(await keys('lowered', 'samples')).toEqual(['a', 'b'])
})

test('a resend after another registerSync does not run beside the write that was waiting [C5, R9]', async () => {
  const { client } = await enter('registered-again')
  client.push(job(1, 'slow', 'plain', 200))
  await pause(50)
  await world.control('registered-again', 'register', {})
  client.push(job(2, 'next'))
  expect(await client.next('refused')).toMatchObject({ code: 'gap', n: 2, expected: 1 })
  const { outcomes } = await client.settle(job(1, 'slow'), job(2, 'next'))
  expect(outcomes).toEqual([receipt(1, committed), receipt(2, committed)])
  // The one that waited finds its number decided, and replays.
  expect((await client.pass()).settled).toEqual([receipt(1, committed)])
  expect((await enter('registered-again')).welcome.cids).toMatchObject([{ is: 'known', last: 2 }])
})

test('another principal gets nothing of my client id and cannot use it up [C11, R7]', async () => {
  const { client: mine } = await enter('foreign')
  await mine.settle(call(1, 'echo', 'a secret'))
  const { client: theirs, welcome, pass } = await enter('foreign', { client: 'other' }, 'mallory')
  expect(welcome.cids).toEqual([{ cid: CID, is: 'foreign', last: 0 }])
  expect(pass.settled).toEqual([])
  theirs.push(call(1, 'echo', ''), sample(2, 'theirs'), skip(2))
  for (const n of [1, 2, 2])
    expect(await theirs.next('refused')).toMatchObject({ re: 'push', cid: CID, n, code: 'cid-foreign' })
  theirs.send({ type: 'seen', cids: [{ cid: CID, seen: 9 }] })
  theirs.send({ type: 'retire', cids: [CID] })
  // Declaring it did not take it away from its owner, and neither frame did anything.
  const { outcomes } = await mine.settle(call(1, 'echo', ''), sample(2, 'mine'))
  expect(outcomes).toEqual([receipt(1, { is: 'committed', result: 'a secret' }), receipt(2, committed)])
  expect(await keys('foreign', 'samples')).toEqual(['mine'])
})

test('numbers out of order are refused with the one that is expected, and nothing runs [R7]', async () => {
  const { client } = await enter('gap')
  client.push(sample(2, 'b'))
  expect(await client.next('refused')).toMatchObject({ re: 'push', cid: CID, n: 2, code: 'gap', expected: 1 })
  client.push(sample(0, 'zero'))
  expect(await client.next('refused')).toMatchObject({ n: 0, code: 'gap', expected: 1 })
  await client.settle(sample(1, 'a'), sample(2, 'b'))
  client.push(sample(4, 'd'), sample(5, 'e'))
  expect(await client.next('refused')).toMatchObject({ n: 4, code: 'gap', expected: 3 })
  expect(await client.next('refused')).toMatchObject({ n: 5, code: 'gap', expected: 3 })
  expect(await keys('gap', 'samples')).toEqual(['a', 'b'])
})

test('a client id must be declared, and the last socket to declare it owns it [R7]', async () => {
  const { client: first } = await enter('declare', { client: 'a', cids: [] })
  first.push(sample(1, 'a'))
  expect(await first.next('refused')).toMatchObject({ re: 'push', n: 1, code: 'cid-undeclared' })
  first.send({ type: 'open', cids: [{ cid: CID, seen: 0 }] })
  await first.settle(sample(1, 'a'))
  const { client: second } = await enter('declare', { client: 'b', cids: [] })
  second.send({ type: 'open', cids: [{ cid: CID, seen: 0 }] })
  await second.settle(sample(2, 'b'))
  first.push(sample(3, 'c'))
  expect(await first.next('refused')).toMatchObject({ n: 3, code: 'cid-undeclared' })
  // A declaration outlives an eviction.
  await world.evict('declare')
  await second.settle(sample(3, 'c'))
})

test('a newer socket of the same client closes the older one [R7]', async () => {
  const { client: older } = await enter('superseded', { client: 'tab' })
  const { client: other } = await enter('superseded', { client: 'other', cids: [] })
  const { client: stranger } = await enter('superseded', { client: 'tab', cids: [] }, 'bob')
  const { client: newer } = await enter('superseded', { client: 'tab' })
  expect(await older.next('goodbye')).toMatchObject({ code: 4409 })
  expect((await older.ended()).code).toBe(4409)
  await newer.settle(sample(1, 'a'))
  // Neither another client of the same user nor another user with the same id was meant.
  await other.expectNothing(20)
  await stranger.expectNothing(20)
})

test('a retired client id is refused for good, and forgets its outcomes [R7, C12]', async () => {
  const { client } = await enter('retired')
  await client.settle(sample(1, 'a'), job(2, 'b', 'authorize-throw'))
  client.send({ type: 'retire', cids: [CID] })
  client.push(sample(3, 'c'), sample(1, 'a'))
  expect(await client.next('refused')).toMatchObject({ n: 3, code: 'cid-retired' })
  expect(await client.next('refused')).toMatchObject({ n: 1, code: 'cid-retired' })
  const { welcome, pass } = await enter('retired')
  expect(welcome.cids).toMatchObject([{ cid: CID, is: 'retired' }])
  expect(pass.settled).toEqual([])
  expect(await world.storageSql('retired', 'SELECT * FROM _sync_outcome')).toEqual([])
})

test('a discarded entry uses up its number and runs nothing [R7]', async () => {
  const { client } = await enter('skip')
  const skipped = receipt(1, { is: 'skipped' })
  expect((await client.settle(skip(1), sample(2, 'b'))).outcomes).toEqual([skipped, receipt(2, committed)])
  // The number is decided: the write that it once stood for can no longer run.
  expect((await client.settle(sample(1, 'a'))).outcomes).toEqual([skipped])
  expect(await keys('skip', 'samples')).toEqual(['b'])
})

test('too many unseen outcomes are answered busy until they are seen [R7, R28, C12]', async () => {
  await world.control('busy', 'register', { limits: { outcomesPerCid: 2 } })
  const { client } = await enter('busy')
  const no = (n: number) => job(n, `j${n}`, 'authorize-throw')
  await client.settle(no(1), no(2))
  client.push(no(3), sample(3, 'a'))
  for (let i = 0; i < 2; i++)
    expect(await client.next('refused')).toMatchObject({ n: 3, code: 'busy', expected: 3 })
  // A resend of what is decided is answered all the same.
  expect((await client.settle(no(2))).outcomes).toEqual([receipt(2, denied)])
  client.send({ type: 'seen', cids: [{ cid: CID, seen: 1 }] })
  expect((await client.settle(sample(3, 'a'))).outcomes).toEqual([receipt(3, committed)])
  expect(await world.storageSql('busy', 'SELECT n FROM _sync_outcome')).toEqual([{ n: 2 }])
})

test('outcomes are kept until they are seen, however long that takes [C12]', async () => {
  const { client } = await enter('unseen')
  await client.settle(job(1, 'a', 'authorize-throw'))
  for (let n = 2; n < 40; n++) await client.settle(sample(n, `s${n}`))
  await world.compact('unseen')
  await world.evict('unseen')
  expect((await client.settle(job(1, 'a', 'authorize-throw'))).outcomes).toEqual([receipt(1, denied)])
  client.send({ type: 'seen', cids: [{ cid: CID, seen: 39 }] })
  await eventually(
    () => world.storageSql('unseen', 'SELECT count(*) AS n FROM _sync_outcome'),
    ([row]) => row?.n === 0,
    'the outcomes to be forgotten',
  )
})

test('two client ids on one socket are numbered apart [R7]', async () => {
  const { client } = await enter('apart', {
    cids: [
      { cid: CID, seen: 0 },
      { cid: 'other', seen: 0 },
    ],
  })
  const { outcomes } = await client.settle(
    sample(1, 'a'),
    under('other', sample(1, 'b')),
    under('other', sample(2, 'c')),
    sample(2, 'd'),
  )
  expect(outcomes.map(({ cid, n }) => `${cid} ${n}`)).toEqual([`${CID} 1`, 'other 1', 'other 2', `${CID} 2`])
  const watcher = await Watcher.open(world, 'apart', ['samples'])
  await watcher.expectEqual()
})
