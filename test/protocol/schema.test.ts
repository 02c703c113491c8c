import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { declared, insert, mutate, sample } from './items.ts'
import { Watcher } from './watcher.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const triggersOf = async (room: string) =>
  (
    await world.storageSql(
      room,
      `SELECT name FROM sqlite_master WHERE type = 'trigger' AND name GLOB '_sync_*' ORDER BY name`,
    )
  ).map(({ name }) => String(name))

const logged = async (room: string) =>
  Number((await world.storageSql(room, 'SELECT max(seq) AS n FROM _sync_log'))[0]?.n)

const migrate = async (room: string, ...statements: string[]) => {
  for (const statement of statements) await world.storageSql(room, statement)
}

/** `samples` rebuilt with another column, as SQLite's own documents advise. */
const REBUILD = [
  `CREATE TABLE rebuilt (id TEXT PRIMARY KEY, t TEXT, added TEXT DEFAULT 'new') WITHOUT ROWID`,
  `INSERT INTO rebuilt (id, t) SELECT id, t || '!' FROM samples`,
  `DROP TABLE samples`,
  `ALTER TABLE rebuilt RENAME TO samples`,
]

test('a table that cannot be synced is named with its fix, and sockets are closed with 4500 [D3, R12]', async () => {
  const room = 'misfits'
  const open = await Watcher.open(world, room, ['samples'])
  await migrate(
    room,
    'CREATE TABLE numbered (id INTEGER PRIMARY KEY, t TEXT)',
    'CREATE TABLE pairs (a TEXT, b TEXT, PRIMARY KEY (a, b))',
    'CREATE TABLE keyless (id TEXT)',
    'CREATE TABLE nocase (id TEXT PRIMARY KEY COLLATE NOCASE) WITHOUT ROWID',
    'CREATE TABLE untyped (id PRIMARY KEY)',
    'CREATE TABLE expressed (id TEXT PRIMARY KEY, t TEXT)',
    'CREATE UNIQUE INDEX lowered ON expressed (lower(t))',
    'CREATE TABLE inherited (id TEXT PRIMARY KEY, __proto__ TEXT)',
    'CREATE TABLE priced (id TEXT PRIMARY KEY, "$price" REAL)',
    'CREATE VIEW seen AS SELECT id FROM keyless',
  )
  const misfits = [
    ['nowhere', 'id', 'table-missing', 'create it before registerSync'],
    ['numbered', 'id', 'key-not-text', 'declare it "id TEXT PRIMARY KEY"'],
    ['pairs', 'a', 'key-not-primary', 'exactly one primary key column'],
    ['keyless', 'id', 'key-not-primary', 'declare it "id TEXT PRIMARY KEY"'],
    ['samples', 't', 'key-not-primary', '"t"'],
    ['seen', 'id', 'key-not-primary', '"seen"'],
    ['untyped', 'id', 'key-not-text', 'untyped'],
    ['nocase', 'id', 'key-collation', 'without COLLATE'],
    ['inherited', 'id', 'column-reserved', '"__proto__"'],
    ['priced', 'id', 'column-reserved', '"$price", which rows in a client cannot have: rename the column'],
    ['expressed', 'id', 'unique-expression', 'index a generated column instead'],
    ['_sync_log', 'seq', 'table-reserved', 'rename the table'],
    ['sqlite_master', 'name', 'table-reserved', 'rename the table'],
  ] as const
  for (const [i, [table, pk, code, fix]] of misfits.entries()) {
    await world.control(room, 'register', { collections: [{ table, pk }] })
    const failed = (await world.control(room, 'events', {})).findLast(({ type }) => type === 'setup-failed')
    expect(failed, table).toMatchObject({ code, message: expect.stringContaining(fix) })
    const closed = i === 0 ? open.client : await world.connect(room)
    expect(await closed.next('goodbye')).toMatchObject({ code: 4500 })
    expect((await closed.ended()).code).toBe(4500)
    // The object lives on, and mends with the next registration.
    if (i === 0) expect(await world.rows(room, 'samples')).toEqual([])
  }
  await world.control(room, 'register', {})
  await open.resume()
  await world.sql(room, `INSERT INTO samples (id) VALUES ('a')`)
  await open.pass()
  await open.expectEqual()
})

test('an object that is not set up closes upgrades with 4500, and its own routes live on [R12]', async () => {
  const claims = { userId: 'alice' }
  const client = await world.connectTo(world.address('/no-table/a', claims))
  expect(await client.next('goodbye')).toMatchObject({ code: 4500 })
  const own = world.address('/no-table/a', claims).replace('ws:', 'http:')
  expect(await (await fetch(own, { headers: { connection: 'close' } })).text()).toBe('alive')
})

test('names with quotes, spaces and keywords are names like any other [D3]', async () => {
  const table = `we"ird 'table'; --`
  await migrate(
    'names',
    `CREATE TABLE "we""ird 'table'; --" ("sel""ect $& '" TEXT PRIMARY KEY, "a b" TEXT UNIQUE, "order" TEXT)`,
  )
  const pk = `sel"ect $& '`
  await world.control('names', 'register', { collections: [{ table, pk }] })
  const client = await world.connect('names')
  await client.enter()
  const { end } = await client.join({ sub: 1, collection: table })
  expect(end.key).toBe(pk)
  const write = (statement: string) => world.sql('names', statement)
  await write(`INSERT INTO "we""ird 'table'; --" VALUES ('k', 'x', 'y'), ('l', 'y', 'z')`)
  const block = (await client.pass()).frames[0]?.tables[table]
  expect(block).toEqual({
    cols: [pk, 'a b', 'order'],
    up: [
      ['k', 'x', 'y'],
      ['l', 'y', 'z'],
    ],
    del: [],
  })
  await write(`UPDATE OR REPLACE "we""ird 'table'; --" SET "a b" = 'y' WHERE "order" = 'y'`)
  expect((await client.pass()).frames[0]?.tables[table]).toMatchObject({ up: [['k', 'y', 'y']], del: ['l'] })
})

const MIGRATIONS: readonly (readonly [string, readonly string[]])[] = [
  ['a column added with a default', [`ALTER TABLE samples ADD COLUMN added TEXT DEFAULT 'new'`]],
  ['a column dropped', ['ALTER TABLE samples DROP COLUMN r']],
  ['a column renamed', ['ALTER TABLE samples RENAME COLUMN t TO title']],
  ['a table rebuilt', REBUILD],
]

test.for(MIGRATIONS)(
  '%s reaches clients that are connected and clients that come back [D11, R8]',
  async ([what, statements]) => {
    const name = what.replaceAll(' ', '-')
    const live = await Watcher.open(world, name, ['samples', 'notes'], { ...declared, client: 'live' })
    const away = await Watcher.open(world, name, ['samples', 'notes'], { client: 'away' })
    await live.settle(sample(1, 'a', { t: 'x', i: 1 }), sample(2, 'b'))
    await away.pass()
    away.client.drop()
    await migrate(name, ...statements)
    await world.evict(name)
    await world.stats(name)
    // Only the table that changed starts over.
    expect(await live.client.next('restart')).toEqual({ type: 'restart', sub: 1, reason: 'shape' })
    await live.join(1)
    await live.expectEqual()
    await away.resume()
    expect(away.welcome.reset).toBeUndefined()
    expect(away.welcome.subs).toEqual([
      { id: 1, is: 'restart', reason: 'shape' },
      { id: 2, is: 'resume' },
    ])
    await away.join(1)
    await away.expectEqual()
    // Each write is captured, and once.
    const before = await logged(name)
    await world.sql(name, `INSERT INTO samples (id) VALUES ('c')`)
    expect(await logged(name)).toBe(before + 1)
    for (const watcher of [live, away]) {
      await watcher.pass()
      await watcher.expectEqual()
    }
  },
)

test('a migration of a running object takes effect with the next registerSync [D11]', async () => {
  const live = await Watcher.open(world, 'running', ['samples', 'notes'])
  await migrate('running', ...REBUILD)
  await world.control('running', 'register', {})
  expect(await live.client.next('restart')).toEqual({ type: 'restart', sub: 1, reason: 'shape' })
  await live.join(1)
  await world.sql('running', `INSERT INTO samples (id) VALUES ('a')`)
  await live.pass()
  await live.expectEqual()
})

test('a renamed table is captured once, under its new name [D11]', async () => {
  const room = 'renamed'
  await world.sql(room, `INSERT INTO samples (id, t) VALUES ('a', 'x')`)
  const live = await Watcher.open(world, room, ['samples', 'notes'])
  await migrate(room, 'ALTER TABLE samples RENAME TO specimens')
  await world.control(room, 'register', {
    collections: [
      { table: 'specimens', pk: 'id' },
      { table: 'notes', pk: 'id' },
    ],
  })
  expect(await live.client.next('refused')).toMatchObject({
    re: 'subscription',
    sub: 1,
    code: 'unknown-collection',
  })
  const after = await Watcher.open(world, room, ['specimens'], { client: 'after' })
  const before = await logged(room)
  await world.sql(room, `UPDATE specimens SET t = 'y'`)
  await after.pass()
  await after.expectEqual()
  expect(await logged(room)).toBe(before + 1)
  expect((await triggersOf(room)).filter((name) => name.includes('samples'))).toEqual([])
})

test('a collection that is taken out is captured no more, and its subscribers are told [D12, H2]', async () => {
  const room = 'removed'
  await migrate(
    room,
    `CREATE TRIGGER authors_own AFTER INSERT ON samples BEGIN INSERT INTO traces VALUES ('by hand ' || new.id, ''); END`,
  )
  const live = await Watcher.open(world, room, ['samples', 'traces'])
  const collections = [{ table: 'traces', pk: 'id' }]
  await world.control(room, 'register', { collections })
  expect(await live.client.next('refused')).toMatchObject({
    re: 'subscription',
    sub: 1,
    code: 'unknown-collection',
  })
  const before = await logged(room)
  await world.sql(room, `INSERT INTO samples (id) VALUES ('a')`)
  // The author's trigger still runs, and what it writes is captured.
  expect(Object.keys((await live.pass()).frames[0]?.tables ?? {})).toEqual(['traces'])
  expect(await logged(room)).toBe(before + 1)
  expect((await triggersOf(room)).every((name) => name.startsWith('_sync_traces_'))).toBe(true)
  // It was written to unseen, so whoever held it holds it no more.
  await world.control(room, 'register', {})
  await live.resume()
  expect(live.welcome.subs).toEqual([
    { id: 1, is: 'restart', reason: 'shape' },
    { id: 2, is: 'resume' },
  ])
  await live.join(1)
  await live.expectEqual()
})

test('triggers of an older library are replaced, and what they missed is loaded again [D13, R16]', async () => {
  const room = 'older'
  const live = await Watcher.open(world, room, ['samples'], declared)
  await live.settle(sample(1, 'a'))
  live.client.drop()
  const [current] = await world.storageSql(
    room,
    `SELECT sql FROM sqlite_master WHERE name = '_sync_samples_update'`,
  )
  await migrate(
    room,
    'DROP TRIGGER _sync_samples_update',
    'CREATE TRIGGER "_sync_samples_update" AFTER UPDATE ON "samples" BEGIN SELECT 1; END',
    `UPDATE samples SET t = 'missed'`,
  )
  await world.evict(room)
  await live.resume()
  expect(live.welcome.subs).toEqual([{ id: 1, is: 'restart', reason: 'shape' }])
  await live.join(1)
  await live.expectEqual()
  const [mended] = await world.storageSql(
    room,
    `SELECT sql FROM sqlite_master WHERE name = '_sync_samples_update'`,
  )
  expect(mended).toEqual(current)
})

test('a unique index added later evicts visibly from the next wake on [D13, R16]', async () => {
  const room = 'indexed'
  await world.sql(room, `INSERT INTO samples (id, t) VALUES ('a', 'x'), ('b', 'y')`)
  await migrate(room, 'CREATE UNIQUE INDEX later ON samples (t)')
  await world.evict(room)
  const live = await Watcher.open(world, room, ['samples'])
  await world.sql(room, `INSERT OR REPLACE INTO samples (id, t) VALUES ('c', 'x')`)
  await live.pass()
  await live.expectEqual()
  await migrate(room, 'DROP INDEX later')
  await world.evict(room)
  expect(
    (await triggersOf(room)).filter((name) => name.includes('evict') && name.includes('samples')),
  ).toEqual([])
})

test('a unique index that is made again with its name in another case evicts visibly, too [D13, R16]', async () => {
  const room = 'recased'
  await world.sql(room, `INSERT INTO samples (id, t) VALUES ('a', 'x'), ('b', 'y')`)
  await migrate(room, 'CREATE UNIQUE INDEX later ON samples (t)')
  await world.evict(room)
  const before = await triggersOf(room)
  await migrate(room, 'DROP INDEX later', 'CREATE UNIQUE INDEX Later ON samples (t)')
  await world.evict(room)
  const live = await Watcher.open(world, room, ['samples'])
  await world.sql(room, `INSERT OR REPLACE INTO samples (id, t) VALUES ('c', 'x')`)
  await live.pass()
  await live.expectEqual()
  expect(await triggersOf(room)).toHaveLength(before.length)
})

test('a wake without a migration changes no trigger and restarts nobody [D13, R25]', async () => {
  const live = await Watcher.open(world, 'unchanged', ['samples', 'notes', 'messages'])
  await world.evict('unchanged')
  const { byStatement } = await world.stats('unchanged')
  expect(byStatement).toEqual({})
  await live.client.expectNothing(30)
  await live.resume()
  expect(live.welcome.subs.map(({ is }) => is)).toEqual(['resume', 'resume', 'resume'])
})

test('installed over existing rows, everything is there, and what comes next is a change [R1, C21]', async () => {
  const room = 'existing'
  await migrate(room, 'CREATE TABLE old (id TEXT PRIMARY KEY, t TEXT)', `INSERT INTO old VALUES ('a', 'x')`)
  await world.control(room, 'register', { collections: [{ table: 'old', pk: 'id' }] })
  const live = await Watcher.open(world, room, ['old'])
  await live.expectEqual()
  expect(live.rows('old').size).toBe(1)
  await world.sql(room, `DELETE FROM old`)
  await live.pass()
  await live.expectEqual()
})

test('a failing table is refused to those who watch it, and holds up nobody else [H6, R9]', async () => {
  const room = 'failing'
  const both = await Watcher.open(world, room, ['samples', 'notes'], { ...declared, client: 'both' })
  const other = await Watcher.open(world, room, ['notes'], { client: 'other' })
  const note = insert('notes', 'n', { slug: 's', title: '' })
  await world.control(room, 'write', {
    statements: [`INSERT INTO samples (id) VALUES ('a')`, 'DROP TABLE samples'],
  })
  expect(await both.client.next('refused')).toMatchObject({ re: 'subscription', sub: 1, code: 'internal' })
  await both.pass()
  const outcomes = await both.settle(mutate(1, note))
  expect(outcomes[0]?.outcome).toEqual({ is: 'committed' })
  await other.pass()
  for (const watcher of [both, other])
    expect(watcher.rows('notes').sorted()).toEqual(await world.rows(room, 'notes'))
  expect(JSON.stringify(both.client.received)).not.toContain('no such table')
})
