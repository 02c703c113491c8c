import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/deadline.ts'
import { post } from '../support/post.ts'
import { RawClient } from '../support/raw-client.ts'
import { type RunningWorker, startWorker } from '../support/workerd.ts'

const script = new URL('../worker/mistakes.ts', import.meta.url).pathname
let worker: RunningWorker
let persist: string
const start = () => startWorker({ script, objects: { MISTAKES: 'Mistakes' }, persist })
beforeAll(async () => {
  persist = await mkdtemp(join(tmpdir(), 'durable-sync-'))
  worker = await start()
})
afterAll(async () => {
  await worker.stop()
  await rm(persist, { recursive: true, force: true })
})

const ask = async (room: string, verb: string, argument = '') =>
  JSON.parse((await post(worker.port, `/control/${room}/${verb}`, argument)).text) as {
    id: string
    body: string
  }[]

async function enter(room: string, claims: object = { userId: 'ada' }) {
  const query = encodeURIComponent(JSON.stringify(claims))
  const client = await RawClient.open(`ws://127.0.0.1:${worker.port}/sync/${room}?claims=${query}`)
  await client.enter({ cids: [{ cid: room, seen: 0 }], at: null, subs: [] })
  return client
}

const insert = (cid: string, collection: string, key: string, body = 'b') => ({
  cid,
  n: 1,
  do: 'mutate' as const,
  ops: [{ collection, type: 'insert' as const, key, cols: { id: key, body } }],
})

test('rows that were announced and then rolled back cost every client its position [R1, R20]', async () => {
  const client = await enter('rolled-back')
  await client.join({ sub: 1, collection: 'items' })
  await ask('rolled-back', 'rollBackUnseen')
  expect((await client.pass()).frames[0]?.tables.items?.up.map(([id]) => id)).toEqual(['phantom'])
  const phantom = client.at
  await ask('rolled-back', 'write', "INSERT INTO items VALUES ('real', 'is')")
  expect(await client.ended()).toMatchObject({ code: 1012 })
  const query = encodeURIComponent(JSON.stringify({ userId: 'ada' }))
  const again = await RawClient.open(`ws://127.0.0.1:${worker.port}/sync/rolled-back?claims=${query}`)
  const { welcome } = await again.enter({
    cids: [],
    at: phantom,
    subs: [{ id: 1, collection: 'items', joined: true }],
  })
  expect(welcome.reset).toBe('lineage')
  again.drop()
})

test('rows of a transaction that is rolled back are never told, and those of one that commits come together [R27]', async () => {
  const client = await enter('late')
  await client.join({ sub: 1, collection: 'items' })
  await ask('late', 'rollBackLate')
  await ask('late', 'commitLate')
  const { frames } = await client.pass()
  expect(frames[0]?.tables.items?.up.map(([id]) => id)).toEqual(['early', 'late'])
  client.drop()
})

test('a write that is let in inside a transaction of the author is not taken back with it [R7, R9]', async () => {
  const client = await enter('let-in')
  const item = insert('let-in', 'awaited', 'k')
  client.push(item)
  await eventually(
    () => ask('let-in', 'isAwaited'),
    (answer) => answer as unknown as boolean,
    'the write to wait for its permission',
  )
  await ask('let-in', 'letInAndRollBack')
  expect((await client.pass()).settled).toMatchObject([{ n: 1, outcome: { is: 'committed' } }])
  expect((await ask('let-in', 'read', 'SELECT id FROM awaited')).map(({ id }) => id)).toEqual(['k'])
  expect(await ask('let-in', 'read', 'SELECT last AS id FROM _sync_cid')).toEqual([{ id: 1 }])
  client.drop()
})

test('a log that grew in a transaction which was rolled back is compacted when it has grown [B8, R1]', async () => {
  const entries = async () =>
    Number((await ask('grew', 'read', 'SELECT count(*) AS id FROM _sync_log'))[0]?.id)
  const client = await enter('grew')
  await ask('grew', 'rollBackMuch')
  expect(await entries()).toBeLessThan(10)
  await ask('grew', 'rewrite')
  await eventually(entries, (count) => count < 10, 'the compaction')
  client.drop()
})

test('what a constructor writes before registerSync belongs to its own instance [R1]', async () => {
  const head = async () => {
    const [row] = await ask('constructor', 'read', 'SELECT max(seq) AS id FROM _sync_log')
    const eras = await ask('constructor', 'read', 'SELECT first_seq AS id FROM _sync_era ORDER BY first_seq')
    return { seq: Number(row?.id), eras: eras.map(({ id }) => Number(id)) }
  }
  const first = await head()
  await worker.stop()
  worker = await start()
  const second = await head()
  expect(second.seq).toBe(first.seq + 1)
  expect(second.eras).toEqual([...first.eras, second.seq])
})

test('what a statement wrote before the next one failed reaches everybody [R27]', async () => {
  const client = await enter('halfway')
  await client.join({ sub: 1, collection: 'items' })
  await ask('halfway', 'failHalfway')
  expect((await client.pass()).frames[0]?.tables.items?.up).toEqual([['half', 'stays']])
  client.drop()
})

test('an asynchronous check denies, whatever it will say [C2, C14]', async () => {
  const client = await enter('async-check')
  const { outcomes } = await client.settle(insert('async-check', 'strict', 'k'))
  expect(outcomes[0]?.outcome).toMatchObject({ is: 'rejected', code: 'handler-async' })
  expect(await ask('async-check', 'read', 'SELECT * FROM strict')).toEqual([])
  client.drop()
})

test('a schema that complains without end is cut short, and its lane goes on [R9, R28]', async () => {
  const client = await enter('picky')
  const { outcomes } = await client.settle(insert('picky', 'items', 'k', 'x'.repeat(200_000)))
  expect(outcomes[0]?.outcome).toMatchObject({ is: 'rejected', code: 'invalid' })
  expect(JSON.stringify(outcomes[0]).length).toBeLessThan(16_384)
  const next = await client.settle({ ...insert('picky', 'strict', 'k'), n: 2 })
  expect(next.outcomes[0]?.outcome).toMatchObject({ is: 'rejected' })
  client.drop()
})

test('claims that change while authorize waits are asked about again [R8]', async () => {
  const client = await enter('demoted', { userId: 'ada', role: 'admin' })
  client.push(insert('demoted', 'slow', 'k'))
  await ask('demoted', 'demote')
  const { settled } = await client.pass()
  expect(settled[0]?.outcome).toMatchObject({ is: 'rejected', code: 'denied', message: 'admins only' })
  expect(await ask('demoted', 'read', 'SELECT * FROM slow')).toEqual([])
  client.drop()
})

test('a write that waited while registerSync failed and succeeded again is carried out once [C5, R9]', async () => {
  const admin = { userId: 'ada', role: 'admin' }
  const client = await enter('reregistered', admin)
  client.push(insert('reregistered', 'slow', 'k'))
  await ask('reregistered', 'reregister', 'missing')
  await ask('reregistered', 'reregister', 'items')
  const again = await enter('reregistered', admin)
  await again.settle({ ...insert('reregistered', 'slow', 'k'), again: true })
  await eventually(
    () => ask('reregistered', 'read', 'SELECT * FROM slow'),
    (rows) => rows.length === 1,
    'the row is there',
  )
  expect(await ask('reregistered', 'read', 'SELECT * FROM slow')).toEqual([{ id: 'k', body: 'x' }])
  for (const socket of [client, again]) socket.drop()
})

test('more than a pass may bring is loaded again, in pieces [R11, B6]', async () => {
  const client = await enter('large')
  const { end } = await client.join({ sub: 1, collection: 'items' })
  const at = client.at
  client.drop()
  await ask(
    'large',
    'write',
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
     INSERT INTO items SELECT 'k' || i, hex(zeroblob(50000)) FROM n`,
  )
  const query = encodeURIComponent(JSON.stringify({ userId: 'ada' }))
  const again = await RawClient.open(`ws://127.0.0.1:${worker.port}/sync/large?claims=${query}`)
  const shape = end.type === 'joined' ? end.shape : ''
  const { welcome, pass } = await again.enter({
    cids: [],
    at,
    subs: [{ id: 1, collection: 'items', joined: true, shape }],
  })
  expect(welcome.subs).toEqual([{ id: 1, is: 'restart', reason: 'requested' }])
  expect(pass.frames).toHaveLength(1)
  again.drop()
})

test('JSON that a generated column extracts is text, as in the table [D8, R14]', async () => {
  const client = await enter('derived')
  await ask('derived', 'write', `INSERT INTO derived (id, body) VALUES ('k', '{"a":{"b":1}}')`)
  const { chunks } = await client.join({ sub: 1, collection: 'derived' })
  expect(chunks.flatMap(({ up }) => up)).toEqual([['k', '{"a":{"b":1}}', '{"b":1}']])
  client.drop()
})

test('the hourly sweep is hourly, however often the object wakes [R28]', async () => {
  const next = () =>
    ask('sweep', 'read', "SELECT name AS id, value AS body FROM _sync_meta WHERE name = 'next_sweep'")
  const client = await enter('sweep')
  await client.join({ sub: 1, collection: 'items' })
  const [before] = await next()
  await ask('sweep', 'write', "INSERT INTO items VALUES ('a', 'b')")
  await client.pass()
  expect(Number(before?.body)).toBeGreaterThan(0)
  expect(await next()).toEqual([before])
  client.drop()
})
