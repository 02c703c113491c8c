import { afterAll, beforeAll, expect, test } from 'vitest'
import { pause } from '../support/deadline.ts'
import type { RawClient } from '../support/raw-client.ts'
import { createWorld, type World } from '../support/world.ts'
import { again, CID, call, declared, job, sample } from './items.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const crashed = { is: 'rejected', code: 'handler-crashed', message: 'the server could not carry this out' }

async function enter(room: string): Promise<RawClient> {
  const client = await world.connect(room)
  await client.enter(declared)
  return client
}

const keys = async (room: string, table: string) => (await world.rows(room, table)).map(({ id }) => id)

/** Pushes and waits for the object to die of it. */
async function die(room: string, ...items: Parameters<RawClient['push']>): Promise<void> {
  const client = await enter(room)
  client.push(...items)
  expect((await client.ended()).code, 'the handler crashed the object').toBe(1006)
}

test('a handler that crashes the object is given up on at the attempt after the third crash [R9]', async () => {
  const poison = job(1, 'poison', 'execute-abort')
  const next = sample(2, 'next')
  await die('poison', poison, next)
  await die('poison', again(poison), again(next))
  await die('poison', again(poison), again(next))
  const { constructed } = await world.stats('poison')
  const client = await enter('poison')
  const { outcomes } = await client.settle(again(poison), again(next))
  expect(outcomes).toEqual([
    { cid: CID, n: 1, outcome: crashed },
    { cid: CID, n: 2, outcome: { is: 'committed' } },
  ])
  expect((await world.stats('poison')).constructed, 'it was not run once more').toBe(constructed)
  expect(await world.rows('poison', 'jobs')).toEqual([])
  expect((await client.settle(again(poison))).outcomes[0]?.outcome).toEqual(crashed)
})

test.for([
  ['a trigger that says RAISE (ROLLBACK)', `BEGIN SELECT RAISE (ROLLBACK, 'no') WHERE new.t = 'poison'; END`],
  [
    'a statement with OR ROLLBACK',
    `BEGIN INSERT OR ROLLBACK INTO notes (id, slug, title) SELECT 'n', 'n', '' WHERE new.t = 'poison'; END`,
  ],
] as const)(
  '%s takes back no write that is then confirmed, and is given up on [R7, R9]',
  async ([name, body]) => {
    const room = name.replaceAll(/\W+/g, '-')
    await world.storageSql(room, `CREATE TRIGGER poisonous AFTER INSERT ON samples ${body}`)
    await world.sql(room, `INSERT INTO notes (id, slug, title) VALUES ('n', 'n', '')`)
    const queue = [sample(1, 'a'), sample(2, 'poison', { t: 'poison' }), sample(3, 'c')] as const
    await die(room, ...queue)
    expect(await keys(room, 'samples')).toEqual([])
    expect(await world.storageSql(room, 'SELECT last FROM _sync_cid WHERE last > 0')).toEqual([])
    const resend = queue.map(again)
    for (let attempt = 0; attempt < 2; attempt++) await die(room, ...resend)
    const { outcomes } = await (await enter(room)).settle(...resend)
    expect(outcomes.map(({ outcome }) => outcome)).toEqual([
      { is: 'committed' },
      crashed,
      { is: 'committed' },
    ])
    expect(await keys(room, 'samples')).toEqual(['a', 'c'])
  },
)

test('a poison write in the middle of a queue costs only itself [R9]', async () => {
  const queue = [sample(1, 'a'), job(2, 'poison', 'execute-abort'), sample(3, 'c')] as const
  await die('queue', ...queue)
  // The turn was one transaction: what had come before the crash is gone with it, and nobody was told of it.
  expect(await keys('queue', 'samples')).toEqual([])
  const resend = queue.map(again)
  for (let attempt = 0; attempt < 2; attempt++) await die('queue', ...resend)
  expect(await keys('queue', 'samples'), 'the write before it was decided in an earlier turn').toEqual(['a'])
  const { outcomes } = await (await enter('queue')).settle(...resend)
  expect(outcomes.map(({ outcome }) => outcome)).toEqual([{ is: 'committed' }, crashed, { is: 'committed' }])
  expect(await keys('queue', 'samples')).toEqual(['a', 'c'])
})

test('the attempts of one number are not those of the next [R9]', async () => {
  const first = job(1, 'first', 'execute-abort')
  const second = job(2, 'second', 'execute-abort')
  await die('counts', first)
  for (let attempt = 0; attempt < 2; attempt++) await die('counts', again(first))
  // The rejection of the first is in the turn that the second ends, so it is lost once more; then the second has its own three.
  await die('counts', again(first), second)
  for (let attempt = 0; attempt < 2; attempt++) await die('counts', again(first), again(second))
  const { outcomes } = await (await enter('counts')).settle(again(first), again(second))
  expect(outcomes.map(({ outcome }) => outcome)).toEqual([crashed, crashed])
})

test('resends from one browser tab after another are no crashes, however slow authorize is [R9, C5]', async () => {
  const item = call(1, 'tally', { name: 'runs', ms: 150 })
  // Each tab takes the client id from the one before while its attempt waits, so that none of the attempts is carried out.
  const take = async (tab: number) => {
    const client = await world.connect('tabs')
    await client.enter({ ...declared, client: `tab-${tab}` })
    return client
  }
  for (let tab = 0; tab < 6; tab++) {
    const client = await take(tab)
    client.push(tab === 0 ? item : again(item))
    await pause(100)
  }
  const { outcomes } = await (await take(6)).settle(again(item))
  expect(outcomes).toEqual([{ cid: CID, n: 1, outcome: { is: 'committed', result: { ran: 1 } } }])
})

test('a crash of the process between the commit and the receipt applies the write once [C6, R7]', async () => {
  const client = await enter('killed')
  client.push(call(1, 'tally', { name: 'runs', ms: 0 }))
  await world.kill()
  await world.start()
  const next = await enter('killed')
  const { outcomes } = await next.settle(again(call(1, 'tally', { name: 'runs', ms: 0 })))
  expect(outcomes).toEqual([{ cid: CID, n: 1, outcome: { is: 'committed', result: { ran: 1 } } }])
})
