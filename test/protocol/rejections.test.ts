import { afterAll, beforeAll, expect, test } from 'vitest'
import { pause } from '../support/deadline.ts'
import { createWorld, type World } from '../support/world.ts'
import { call, declared, insert, job, mutate, remove, sample, update } from './items.ts'
import { Watcher } from './watcher.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const committed = { is: 'committed' }

async function enter(room: string) {
  const client = await world.connect(room)
  await client.enter(declared)
  return client
}

/** What becomes of one item as the first of a fresh room. */
async function outcomeOf(room: string, item: Parameters<Awaited<ReturnType<typeof enter>>['settle']>[0]) {
  const client = await enter(room)
  const { outcomes } = await client.settle(item)
  return outcomes[0]?.outcome
}

const keys = async (room: string, table: string) => (await world.rows(room, table)).map(({ id }) => id)
const errors = async (room: string) =>
  (await world.control(room, 'events', {})).filter(({ type }) => type === 'error')

const general = 'a constraint of the table refused the write'

test('a denial of one operation leaves nothing of the others, and nobody sees any of it [C2, I4]', async () => {
  const watcher = await Watcher.open(world, 'denied', ['jobs'])
  const three = (n: number, behaviour: string) =>
    mutate(
      n,
      insert('jobs', 'a', { behaviour: 'plain', delay: 0 }),
      insert('jobs', 'b', { behaviour, delay: 0 }),
      insert('jobs', 'c', { behaviour: 'plain', delay: 0 }),
    )
  const writer = await enter('denied')
  const { outcomes } = await writer.settle(three(1, 'authorize-throw'), three(2, 'check-throw'))
  expect(outcomes.map(({ outcome }) => outcome)).toEqual([
    { is: 'rejected', code: 'denied', message: 'authorize says no' },
    { is: 'rejected', code: 'denied', message: 'check says no' },
  ])
  await watcher.client.expectNothing(50)
  expect(await world.rows('denied', 'jobs')).toEqual([])
})

test('a throw in execute undoes the operations before it, and its text stays on the server [C3, I4]', async () => {
  const watcher = await Watcher.open(world, 'thrown', ['jobs'])
  const writer = await enter('thrown')
  const plain = insert('jobs', 'a', { behaviour: 'plain', delay: 0 })
  const thrower = insert('jobs', 'b', { behaviour: 'execute-throw-late', delay: 0 })
  const { outcomes } = await writer.settle(mutate(1, plain, thrower))
  expect(outcomes[0]?.outcome).toMatchObject({ is: 'rejected', code: 'execute-failed' })
  expect(JSON.stringify(writer.received)).not.toContain('secret')
  await watcher.client.expectNothing(50)
  expect(await world.rows('thrown', 'jobs')).toEqual([])
  expect(await errors('thrown')).toMatchObject([{ where: 'execute', error: 'a secret of the server' }])
})

test('a constraint of the table that a client writes is named to it, without SQLite’s words [I4]', async () => {
  const room = 'constraint'
  await world.storageSql(room, 'DROP TABLE samples')
  await world.storageSql(
    room,
    `CREATE TABLE samples (id TEXT PRIMARY KEY, t TEXT, i INTEGER NOT NULL, r REAL, n NUMERIC,
       CONSTRAINT small CHECK (n < 5), CHECK (r <> 42), UNIQUE (t, i), UNIQUE (r)) WITHOUT ROWID`,
  )
  await world.evict(room)
  const client = await enter(room)
  const { outcomes } = await client.settle(
    sample(1, 'a', { t: 'x', i: 1, r: 1 }),
    sample(2, 'a', { i: 2 }),
    sample(3, 'b', {}),
    sample(4, 'c', { t: 'x', i: 1 }),
    sample(5, 'd', { i: 2, r: 1 }),
    sample(6, 'e', { i: 2, n: 7 }),
    sample(7, 'f', { i: 2, r: 42 }),
  )
  const messages = outcomes.map(({ outcome }) => (outcome.is === 'rejected' ? outcome.message : outcome.is))
  expect(messages).toEqual([
    'committed',
    'there is a row with this key in "samples" already',
    '"samples"."i" must not be null',
    '"samples"."t", "samples"."i" must be unique, together',
    '"samples"."r" must be unique',
    'the constraint "small" of "samples" refused the row',
    general,
  ])
  expect(await errors(room)).toHaveLength(6)
})

test('a constraint of another table that a handler or a trigger writes is not named to the client, nor what a trigger says [I4]', async () => {
  const room = 'elsewhere'
  await world.storageSql(
    room,
    'CREATE TABLE secrets (id TEXT, t TEXT UNIQUE, CONSTRAINT hidden CHECK (t <> 7))',
  )
  await world.storageSql(
    room,
    `CREATE TRIGGER copied AFTER INSERT ON samples BEGIN
       SELECT RAISE (ABORT, 'UNIQUE constraint failed: samples.t') WHERE new.t = 'raise';
       INSERT INTO secrets VALUES (new.id, new.t); END`,
  )
  const client = await enter(room)
  const { outcomes } = await client.settle(
    sample(1, 'a', { t: 'x' }),
    sample(2, 'b', { t: 'x' }),
    sample(3, 'c', { t: '7' }),
    sample(4, 'd', { t: 'raise' }),
    // SQLite does not say which reference it is, nor of which table.
    mutate(5, insert('comments', 'e', { note_id: 'no such note', content: '' })),
  )
  expect(outcomes.map(({ outcome }) => outcome)).toEqual([
    { is: 'committed' },
    ...Array.from({ length: 4 }, () => ({ is: 'rejected', code: 'constraint-failed', message: general })),
  ])
})

test('a denial by returning false says so in general words [C2]', async () => {
  const general = { is: 'rejected', code: 'denied', message: 'not allowed' }
  expect(await outcomeOf('false-1', job(1, 'a', 'authorize-false'))).toEqual(general)
  expect(await outcomeOf('false-2', job(1, 'a', 'check-false'))).toEqual(general)
  expect(await outcomeOf('false-3', job(1, 'a', 'authorize-false', 20))).toEqual(general)
})

test('an asynchronous execute is rolled back, and the log says why [C14]', async () => {
  const outcome = await outcomeOf('async', job(1, 'a', 'execute-thenable'))
  expect(outcome).toMatchObject({ is: 'rejected', code: 'handler-async' })
  expect(await world.rows('async', 'jobs')).toEqual([])
  expect(await errors('async')).toMatchObject([{ error: expect.stringContaining('must be synchronous') }])
})

test('a write that changes nothing or another row is confirmed, and its writer sees what is there [C15]', async () => {
  const watcher = await Watcher.open(world, 'other-row', ['notes', 'samples'], declared)
  const note = (n: number, id: string) => mutate(n, insert('notes', id, { slug: 'same', title: id }))
  await watcher.settle(note(1, 'a'))
  // Its handler says INSERT OR REPLACE: the row of another key goes away.
  const outcomes = await watcher.settle(note(2, 'b'), mutate(3, remove('samples', 'was never there')))
  expect(outcomes.map(({ outcome }) => outcome)).toEqual([committed, committed])
  expect(watcher.rows('notes').sorted()).toEqual([{ id: 'b', slug: 'same', title: 'b' }])
  await watcher.expectEqual()
})

test('an update of a row that is gone is rejected [C15]', async () => {
  const outcome = await outcomeOf('gone', mutate(1, update('samples', 'nobody', { t: 'x' })))
  expect(outcome).toMatchObject({ is: 'rejected', code: 'row-not-found' })
})

test('what afterCommit writes reaches everybody, and its throw changes nothing [C20]', async () => {
  const watcher = await Watcher.open(world, 'after', ['jobs', 'traces'], declared)
  const outcomes = await watcher.settle(
    job(1, 'a', 'after-commit-writes'),
    job(2, 'b', 'after-commit-throws'),
    job(3, 'c'),
  )
  expect(outcomes.map(({ outcome }) => outcome)).toEqual([committed, committed, committed])
  const pass = await watcher.pass()
  expect(Object.keys(pass.frames[0]?.tables ?? {})).toEqual(['traces'])
  expect(pass.settled).toEqual([])
  await watcher.expectEqual()
  expect(await errors('after')).toMatchObject([{ where: 'afterCommit', error: 'afterCommit fails' }])
})

test('more operations than allowed are rejected, and none is applied [C22, R28]', async () => {
  const many = Array.from({ length: 501 }, (_, i) => insert('samples', `s${i}`, {}))
  const client = await enter('too-many')
  const { outcomes } = await client.settle(mutate(1, ...many), mutate(2, ...many.slice(1)))
  expect(outcomes.map(({ outcome }) => outcome)).toMatchObject([
    { is: 'rejected', code: 'too-many-ops' },
    committed,
  ])
  expect(await keys('too-many', 'samples')).toHaveLength(500)
})

test('an empty key and a key that is not that of the row are rejected before authorize [D1, D2]', async () => {
  const denied = { behaviour: 'authorize-throw', delay: 0 }
  const bad = [
    ['key-empty', insert('jobs', '', denied)],
    ['key-mismatch', insert('jobs', 'a', { ...denied, id: 'b' })],
    ['key-mismatch', insert('jobs', 'a', { ...denied, id: '' })],
    ['key-mismatch', insert('jobs', 'a', { ...denied, id: null })],
    ['key-mismatch', insert('jobs', 'a', { ...denied, id: 5 })],
    ['key-mismatch', update('samples', 'a', { id: 'b' })],
  ] as const
  const client = await enter('keys')
  for (const [i, [code, op]] of bad.entries()) {
    const good = insert('samples', `good-${i}`, {})
    const { outcomes } = await client.settle(mutate(i + 1, good, op))
    expect(outcomes[0]?.outcome, JSON.stringify(op)).toMatchObject({ is: 'rejected', code })
  }
  expect(await world.rows('keys', 'samples')).toEqual([])
  // The key itself may be given with the row, or left out.
  const { outcomes } = await client.settle(
    mutate(bad.length + 1, insert('samples', 'a', { id: 'a' }), update('samples', 'a', { id: 'a', t: 'x' })),
  )
  expect(outcomes[0]?.outcome).toEqual(committed)
})

test('what nobody defined is rejected with a code of its own [I4]', async () => {
  const bad = [
    ['unknown-collection', mutate(1, insert('nothing', 'a', {}))],
    ['unknown-collection', mutate(1, insert('_sync_log', 'a', {}))],
    ['unhandled-operation', mutate(1, remove('messages', 'a'))],
    ['unhandled-operation', mutate(1, insert('traces', 'a', { job: 'x' }))],
    ['column-not-writable', mutate(1, insert('todos', 'a', { title: 't', owner: 'alice' }))],
    ['unknown-column', mutate(1, insert('todos', 'a', { title: 't', nope: 1 }))],
    ['unknown-column', mutate(1, insert('todos', 'a', { title: 't', __proto__x: 1 }))],
    ['unknown-command', call(1, 'toString')],
  ] as const
  for (const [i, [code, item]] of bad.entries())
    expect(await outcomeOf(`undefined-${i}`, item), JSON.stringify(item)).toMatchObject({ code })
})

test('a rejection uses up its number and holds up nothing [R9, C12]', async () => {
  const client = await enter('next')
  const { outcomes } = await client.settle(
    job(1, 'a', 'execute-throw'),
    job(2, 'b'),
    job(3, 'c', 'authorize-throw'),
    job(4, 'd'),
  )
  expect(outcomes.map(({ n, outcome }) => [n, outcome.is])).toEqual([
    [1, 'rejected'],
    [2, 'committed'],
    [3, 'rejected'],
    [4, 'committed'],
  ])
  expect((await world.storageSql('next', 'SELECT last FROM _sync_cid'))[0]).toEqual({ last: 4 })
})

test('a deferred violation rejects the one write and loses neither its neighbours nor a socket [R9]', async () => {
  const watcher = await Watcher.open(world, 'deferred', ['jobs', 'comments'], declared)
  const outcomes = await watcher.settle(
    job(1, 'before'),
    job(2, 'violation', 'execute-deferred-violation'),
    job(3, 'after'),
  )
  expect(outcomes.map(({ outcome }) => outcome)).toMatchObject([
    committed,
    { is: 'rejected', code: 'constraint-failed' },
    committed,
  ])
  await watcher.settle(job(4, 'later'))
  await watcher.expectEqual()
  expect(await keys('deferred', 'jobs')).toEqual(['after', 'before', 'later'])
  expect((await world.stats('deferred')).constructed).toBe(1)
})

test('a constraint that is declared deferrable is looked for as well [R9]', async () => {
  await world.storageSql('deferrable', 'DROP TABLE comments')
  await world.storageSql(
    'deferrable',
    `CREATE TABLE comments (id TEXT PRIMARY KEY, note_id TEXT NOT NULL
       REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED, content TEXT NOT NULL) WITHOUT ROWID`,
  )
  await world.evict('deferrable')
  const client = await enter('deferrable')
  const comment = (n: number, id: string) => mutate(n, insert('comments', id, { note_id: 'n', content: '' }))
  const note = insert('notes', 'n', { slug: 's', title: '' })
  const { outcomes } = await client.settle(
    comment(1, 'orphan'),
    // In one mutation the child may come before its parent: that is what deferring is for.
    mutate(2, insert('comments', 'c', { note_id: 'n', content: '' }), note),
    comment(3, 'd'),
  )
  expect(outcomes.map(({ outcome }) => outcome)).toMatchObject([
    { is: 'rejected', code: 'constraint-failed' },
    committed,
    committed,
  ])
  expect(await keys('deferrable', 'comments')).toEqual(['c', 'd'])
})

test('the writes of one client take effect in their order while authorize waits; those of others go on [A6, R9]', async () => {
  const client = await enter('lanes')
  const other = await world.connect('lanes')
  await other.enter({ client: 'other', cids: [{ cid: 'other', seen: 0 }] })
  const slow = mutate(1, insert('jobs', 'row', { behaviour: 'plain', delay: 150 }))
  client.push(slow, mutate(2, remove('jobs', 'row')), job(3, 'last'))
  await pause(20)
  const started = performance.now()
  await other.settle({ ...sample(1, 'meanwhile'), cid: 'other' })
  expect(performance.now() - started, 'a write of somebody else waited for it').toBeLessThan(100)
  expect(await world.rows('lanes', 'jobs')).toEqual([])
  const settled: number[] = []
  while (settled.length < 3) settled.push(...(await client.pass()).settled.map(({ n }) => n))
  expect(settled).toEqual([1, 2, 3])
  expect(await keys('lanes', 'jobs')).toEqual(['last'])
})
