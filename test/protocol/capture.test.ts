import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { declared, insert, mutate, sample } from './items.ts'
import { Watcher } from './watcher.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

interface Case {
  /** Run past the library before the object is constructed again: tables, indexes, triggers of the author. */
  readonly schema?: readonly string[]
  readonly tables: readonly string[]
  readonly before: readonly string[]
  /** Each is one transaction. */
  readonly steps: readonly string[]
}

/** Runs the steps; after each, a live socket and one that was away for all of them hold what the server holds. */
async function replicated(room: string, { schema = [], tables, before, steps }: Case) {
  await world.control(room, 'stats', {})
  for (const statement of schema) await world.storageSql(room, statement)
  if (schema.length > 0) await world.evict(room)
  if (before.length > 0) await world.control(room, 'write', { statements: before })
  const live = await Watcher.open(world, room, [...tables], { client: 'live' })
  const away = await Watcher.open(world, room, [...tables], { client: 'away' })
  away.client.drop()
  for (const step of steps) {
    await world.sql(room, step)
    await live.pass()
    for (const table of tables)
      expect(live.rows(table).sorted(), `"${table}" after ${step}`).toEqual(await world.rows(room, table))
  }
  await away.resume()
  expect(away.welcome.reset).toBeUndefined()
  await away.expectEqual()
  return live
}

const notes = [
  `INSERT INTO notes (id, slug, title) VALUES ('a', 's1', ''), ('b', 's2', ''), ('c', 's3', ''), ('d', 's4', '')`,
]

test('an update of the key takes the old one and brings the new one [D4, R16]', async () => {
  await replicated('key', {
    tables: ['notes', 'messages'],
    before: [...notes, `INSERT INTO messages VALUES ('m', 'alice', '', 0), ('n', 'alice', '', 0)`],
    steps: [
      `UPDATE notes SET id = 'z' WHERE id = 'a'`,
      `UPDATE notes SET id = id || id`,
      `UPDATE messages SET id = upper(id)`,
      // Two rows change places through a third name.
      `UPDATE messages SET id = CASE id WHEN 'M' THEN 'x' ELSE id END`,
    ],
  })
})

test('REPLACE takes every row that it evicts [D5, R16]', async () => {
  await replicated('replace', {
    tables: ['notes'],
    before: notes,
    steps: [
      `INSERT OR REPLACE INTO notes (id, slug, title) VALUES ('new', 's1', 'took the place of a')`,
      `REPLACE INTO notes (id, slug, title) VALUES ('b', 's3', 'took two places, its own and that of c')`,
      `REPLACE INTO notes (id, slug, title) VALUES ('x', 's3', ''), ('y', 's4', ''), ('z', 's4', '')`,
    ],
  })
})

test('UPDATE OR REPLACE takes every row that it evicts [D5, R16]', async () => {
  await replicated('update-replace', {
    tables: ['notes'],
    before: notes,
    steps: [
      `UPDATE OR REPLACE notes SET slug = 's2' WHERE id = 'a'`,
      `UPDATE OR REPLACE notes SET id = 'd', slug = 's3' WHERE id = 'a'`,
      `INSERT INTO notes (id, slug, title) VALUES ('e', 's5', ''), ('f', 's6', '')`,
      `UPDATE OR REPLACE notes SET slug = 'all the same'`,
    ],
  })
})

test('a partial unique index evicts where it holds, and only there [D5, R16]', async () => {
  await replicated('partial', {
    schema: [`CREATE UNIQUE INDEX one_open ON samples (t) WHERE i = 1`],
    tables: ['samples'],
    before: [`INSERT INTO samples (id, t, i) VALUES ('a', 'x', 1), ('b', 'x', 0), ('c', 'x', 0)`],
    steps: [
      `INSERT OR REPLACE INTO samples (id, t, i) VALUES ('d', 'x', 1)`,
      `UPDATE OR REPLACE samples SET i = 1 WHERE id = 'b'`,
      `INSERT OR REPLACE INTO samples (id, t, i) VALUES ('e', 'x', 0)`,
      `UPDATE OR REPLACE samples SET i = 1`,
    ],
  })
})

test('an index that does not tell upper from lower case evicts both spellings [D5, R16]', async () => {
  await replicated('nocase', {
    schema: [`CREATE UNIQUE INDEX names ON samples (t COLLATE NOCASE)`],
    tables: ['samples'],
    before: [`INSERT INTO samples (id, t) VALUES ('a', 'Ada'), ('b', 'Bob')`],
    steps: [
      `INSERT OR REPLACE INTO samples (id, t) VALUES ('c', 'ADA')`,
      `UPDATE OR REPLACE samples SET t = 'bOB' WHERE id = 'c'`,
    ],
  })
})

test('an index over several columns evicts where all of them agree [D5, R16]', async () => {
  await replicated('composite', {
    schema: [
      `CREATE UNIQUE INDEX pair ON samples (t, i)`,
      `CREATE UNIQUE INDEX other ON samples (n DESC, t COLLATE NOCASE)`,
    ],
    tables: ['samples'],
    before: [
      `INSERT INTO samples (id, t, i, n) VALUES ('a', 'x', 1, 1), ('b', 'x', 2, 2), ('c', NULL, 1, 3)`,
    ],
    steps: [
      `INSERT OR REPLACE INTO samples (id, t, i) VALUES ('d', 'x', 1)`,
      `INSERT OR REPLACE INTO samples (id, t, i) VALUES ('e', NULL, 1)`,
      `UPDATE OR REPLACE samples SET i = 2 WHERE id = 'd'`,
      `INSERT OR REPLACE INTO samples (id, t, n) VALUES ('f', 'y', 5), ('g', 'Y', 5)`,
    ],
  })
})

test('an index over a generated column evicts when the column behind it changes [D5, R16]', async () => {
  await replicated('generated', {
    schema: [
      `ALTER TABLE samples ADD COLUMN g TEXT GENERATED ALWAYS AS (lower(t)) VIRTUAL`,
      `CREATE UNIQUE INDEX lowered ON samples (g)`,
    ],
    tables: ['samples'],
    before: [`INSERT INTO samples (id, t) VALUES ('a', 'A'), ('b', 'B'), ('c', 'C')`],
    steps: [
      `INSERT OR REPLACE INTO samples (id, t) VALUES ('d', 'a')`,
      `UPDATE OR REPLACE samples SET t = 'c' WHERE id = 'b'`,
    ],
  })
})

test('REPLACE takes the row that has the default which stands in for a null [D5, R16]', async () => {
  await replicated('defaults', {
    schema: [
      'DROP TABLE notes',
      `CREATE TABLE notes (
         id TEXT PRIMARY KEY, slug TEXT NOT NULL DEFAULT (lower('FIRST')) UNIQUE, title TEXT NOT NULL) WITHOUT ROWID`,
    ],
    tables: ['notes'],
    before: [`INSERT INTO notes (id, slug, title) VALUES ('a', 'first', ''), ('b', 's2', '')`],
    steps: [
      `INSERT OR REPLACE INTO notes (id, slug, title) VALUES ('c', NULL, 'took the place of a')`,
      `UPDATE OR REPLACE notes SET slug = NULL WHERE id = 'b'`,
    ],
  })
})

test.each([
  ['a word', 'DEFAULT first'],
  ['a word that is a column', 'DEFAULT title'],
  ['a quoted word', 'DEFAULT "title"'],
  ['an expression with a comment', "DEFAULT (lower('FIRST') -- the first\n)"],
])('REPLACE takes the row that has the default, which is %s [D5, R16]', async (what, value) => {
  const taken = value.includes('title') ? 'title' : 'first'
  await replicated(`default-${what.replaceAll(' ', '-')}`, {
    schema: [
      'DROP TABLE notes',
      `CREATE TABLE notes (id TEXT PRIMARY KEY, slug TEXT NOT NULL ${value} UNIQUE, title TEXT NOT NULL) WITHOUT ROWID`,
    ],
    tables: ['notes'],
    before: [`INSERT INTO notes (id, slug, title) VALUES ('a', '${taken}', 'x'), ('b', 's2', 'x')`],
    steps: [
      `INSERT OR REPLACE INTO notes (id, slug, title) VALUES ('c', NULL, 'took the place of a')`,
      `UPDATE OR REPLACE notes SET slug = NULL WHERE id = 'b'`,
    ],
  })
})

test('what REPLACE evicts takes its children along [D5, D6, R16]', async () => {
  await replicated('evicted-parent', {
    tables: ['notes', 'comments'],
    before: [...notes, `INSERT INTO comments VALUES ('1', 'a', ''), ('2', 'a', ''), ('3', 'b', '')`],
    steps: [`INSERT OR REPLACE INTO notes (id, slug, title) VALUES ('new', 's1', '')`],
  })
})

test('upserts, ignored inserts, cascades and a DELETE without WHERE are captured [D6, R16]', async () => {
  await replicated('statements', {
    tables: ['notes', 'comments'],
    before: [...notes, `INSERT INTO comments VALUES ('1', 'a', ''), ('2', 'b', ''), ('3', 'b', '')`],
    steps: [
      `INSERT INTO notes (id, slug, title) VALUES ('a', 'ignored', '') ON CONFLICT (id) DO UPDATE SET title = 'hit'`,
      `INSERT INTO notes (id, slug, title) VALUES ('q', 's2', '') ON CONFLICT (slug) DO UPDATE SET title = 'hit'`,
      `INSERT INTO notes (id, slug, title) VALUES ('e', 's9', '') ON CONFLICT (id) DO UPDATE SET title = 'missed'`,
      `INSERT OR IGNORE INTO notes (id, slug, title) VALUES ('i', 's3', ''), ('j', 's10', '')`,
      `DELETE FROM notes WHERE id = 'b'`,
      `UPDATE notes SET title = 'all'`,
      `INSERT INTO notes (id, slug, title) SELECT id || '2', slug || '2', title FROM notes`,
      `DELETE FROM comments`,
      `DELETE FROM notes`,
    ],
  })
})

test('what triggers of the author write is captured in the same step [D6, R16]', async () => {
  const live = await replicated('triggers', {
    schema: [
      `CREATE TRIGGER audit AFTER INSERT ON samples BEGIN
         INSERT INTO traces (id, job) VALUES ('of ' || new.id, 'insert'); END`,
      `CREATE TRIGGER chain AFTER INSERT ON traces BEGIN
         UPDATE samples SET n = coalesce(n, 0) + 1 WHERE 'of ' || id = new.id; END`,
    ],
    tables: ['samples', 'traces'],
    before: [],
    steps: [`INSERT INTO samples (id) VALUES ('a'), ('b')`],
  })
  expect(live.rows('samples').get('a')).toMatchObject({ n: 1 })
})

test('rows whose key is no text are not part of the collection, and harm nothing [R15]', async () => {
  const live = await Watcher.open(world, 'no-text', ['messages'])
  await world.sql(
    'no-text',
    `INSERT INTO messages VALUES (NULL, 'a', '', 0), (x'00', 'b', '', 0), ('', 'c', '', 0)`,
  )
  await world.sql('no-text', `INSERT INTO messages VALUES ('text', 'd', '', 0)`)
  await live.pass()
  expect(
    live
      .rows('messages')
      .sorted()
      .map(({ id }) => id),
  ).toEqual(['text'])
  await world.sql('no-text', `UPDATE messages SET id = 'was null' WHERE id IS NULL`)
  await live.pass()
  await world.sql('no-text', `UPDATE messages SET id = NULL WHERE id = 'text'`)
  await live.pass()
  const late = await Watcher.open(world, 'no-text', ['messages'], { client: 'late' })
  for (const watcher of [live, late])
    expect(
      watcher
        .rows('messages')
        .sorted()
        .map(({ id }) => id),
    ).toEqual(['was null'])
})

test('a column called rowid is a column like any other [R15]', async () => {
  const watcher = await Watcher.open(world, 'rowid', ['events'], declared)
  await watcher.settle(
    mutate(1, insert('events', 'b', { rowid: 7, payload: 'x' }), insert('events', 'a', { rowid: 7 })),
    mutate(2, insert('events', 'c', {})),
  )
  await watcher.expectEqual()
  expect(watcher.rows('events').get('b')).toEqual({ id: 'b', rowid: 7, payload: 'x' })
})

test('writes through sql, runSyncedWrite and ctx.storage.sql with flush reach everybody [R27, C21, A7]', async () => {
  const watcher = await Watcher.open(world, 'ways', ['samples'])
  await world.sql('ways', `INSERT INTO samples (id) VALUES ('sql')`)
  await watcher.pass()
  await world.sql('ways', `INSERT INTO samples (id) VALUES ('returning') RETURNING id`)
  await watcher.pass()
  await world.control('ways', 'write', { statements: [`INSERT INTO samples (id) VALUES ('write')`] })
  await watcher.pass()
  await world.storageSql('ways', `INSERT INTO samples (id) VALUES ('storage')`)
  await watcher.client.expectNothing(50)
  await world.flush('ways')
  await watcher.pass()
  // Without a flush it goes out with the next thing that happens.
  await world.storageSql('ways', `INSERT INTO samples (id) VALUES ('later')`)
  const other = await world.connect('ways')
  await other.enter({ client: 'other', ...declared })
  await watcher.pass()
  await other.settle(sample(1, 'event'))
  await watcher.pass()
  expect(watcher.rows('samples').size).toBe(6)
  await watcher.expectEqual()
})

test('a write of the object that throws leaves nothing, and nobody hears of it [C21, R27]', async () => {
  const watcher = await Watcher.open(world, 'throws', ['samples'])
  const statements = [`INSERT INTO samples (id) VALUES ('undone')`]
  await expect(world.control('throws', 'write', { statements, thenThrow: 'no' })).rejects.toThrow('no')
  await expect(world.control('throws', 'write', { statements, asynchronous: true })).rejects.toThrow(
    'must be given a synchronous function',
  )
  await watcher.client.expectNothing(50)
  await world.sql('throws', `INSERT INTO samples (id) VALUES ('a')`)
  await watcher.pass()
  await watcher.expectEqual()
  expect(watcher.rows('samples').size).toBe(1)
})

test('what was written while nobody was there is there for the next one [C21]', async () => {
  await world.sql('nobody', `INSERT INTO samples (id) VALUES ('a')`)
  await world.evict('nobody')
  await world.storageSql('nobody', `UPDATE samples SET t = 'x'`)
  const watcher = await Watcher.open(world, 'nobody', ['samples'])
  await watcher.expectEqual()
  expect(watcher.rows('samples').get('a')).toMatchObject({ t: 'x' })
})

test('two hundred random statements that evict, move and cascade leave every watcher right [D4, D5, D6, R16]', async () => {
  const room = 'random'
  let state = 20_260_101
  const below = (n: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % n
  }
  const key = () => `k${below(6)}`
  const slug = () => `s${below(4)}`
  const statements = [
    () => `INSERT OR REPLACE INTO notes (id, slug, title) VALUES ('${key()}', '${slug()}', '${below(9)}')`,
    () => `UPDATE OR REPLACE notes SET slug = '${slug()}' WHERE id = '${key()}'`,
    () => `UPDATE OR REPLACE notes SET id = '${key()}', slug = '${slug()}' WHERE id = '${key()}'`,
    () => `UPDATE OR IGNORE notes SET id = '${key()}' WHERE slug = '${slug()}'`,
    () => `INSERT INTO notes (id, slug, title) VALUES ('${key()}', '${slug()}', '')
             ON CONFLICT (slug) DO UPDATE SET title = title || '!' ON CONFLICT (id) DO NOTHING`,
    () =>
      `INSERT OR IGNORE INTO comments (id, note_id) SELECT '${below(20)}', id FROM notes ORDER BY id LIMIT 1`,
    () => `DELETE FROM notes WHERE slug = '${slug()}'`,
  ]
  // Children follow a parent whose key changes, and go with one that is evicted.
  await world.storageSql(room, 'DROP TABLE comments')
  await world.storageSql(
    room,
    `CREATE TABLE comments (id TEXT PRIMARY KEY, content TEXT,
       note_id TEXT REFERENCES notes (id) ON DELETE CASCADE ON UPDATE CASCADE) WITHOUT ROWID`,
  )
  await world.evict(room)
  const live = await Watcher.open(world, room, ['notes', 'comments'], { client: 'live' })
  const away = await Watcher.open(world, room, ['notes', 'comments'], { client: 'away' })
  for (let round = 0; round < 50; round++) {
    const chosen = Array.from({ length: 4 }, () => statements[below(statements.length)]?.() ?? '')
    await world.control(room, 'write', { statements: chosen })
    await world.flush(room)
    if (round % 10 === 9) await away.resume()
  }
  const head = (await world.storageSql(room, 'SELECT max(seq) AS head FROM _sync_log'))[0]?.head
  while (Number(live.at?.split('.')[0]) !== head) await live.pass()
  await away.resume()
  for (const watcher of [live, away]) await watcher.expectEqual()
})

test('a key that is no UTF-8 is told as it can be spelt, and its row stays [R15, R16]', async () => {
  const watcher = await Watcher.open(world, 'spelling', ['samples'])
  await world.sql('spelling', `INSERT INTO samples (id, i) VALUES (CAST(x'6BFF' AS TEXT), 1)`)
  await watcher.pass()
  await world.sql('spelling', `UPDATE samples SET i = 2`)
  await watcher.pass()
  await watcher.expectEqual()
})

test('what becomes of rows whose keys are no UTF-8 comes by a flush, a resume and a join, also after a compaction [R15, R16]', async () => {
  const room = 'spelling-all'
  const live = await Watcher.open(world, room, ['samples'], { client: 'live' })
  const away = await Watcher.open(world, room, ['samples'], { client: 'away' })
  const odd = (hex: string) => `CAST(x'${hex}' AS TEXT)`
  for (const statement of [
    `INSERT INTO samples (id, i) VALUES (${odd('61FF')}, 1), (${odd('62E2')}, 2), (${odd('6380')}, 3), ('d', 4)`,
    `UPDATE samples SET i = 20 WHERE id = ${odd('62E2')}`,
    `UPDATE samples SET id = ${odd('65FF')} WHERE id = ${odd('6380')}`,
    `UPDATE samples SET id = ${odd('64FF')} WHERE id = 'd'`,
    `INSERT OR REPLACE INTO samples (id, i) VALUES (${odd('64FF')}, 40)`,
    `DELETE FROM samples WHERE id = ${odd('61FF')}`,
  ]) {
    away.client.drop()
    await world.sql(room, statement)
    await live.pass()
    await live.expectEqual()
    await world.compact(room)
    await away.resume()
    await away.expectEqual()
    await (await Watcher.open(world, room, ['samples'], { client: 'new' })).expectEqual()
  }
  expect(live.rows('samples').size).toBe(3)
})
