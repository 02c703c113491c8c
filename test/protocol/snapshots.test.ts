import type { Snapshot, SnapshotRequest } from '@durable-sync/core/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import type { Claims } from '../worker/rows.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const alice: Claims = { userId: 'alice', role: 'red' }
const write = (room: string, ...statements: string[]) => world.control(room, 'write', { statements })
const read = (room: string, request: SnapshotRequest, claims: Claims | null = alice) =>
  world.control(room, 'snapshot', { claims, request })

const keysOf = ({ blocks, key }: Pick<Snapshot, 'blocks' | 'key'>) =>
  blocks.flatMap(({ cols, up }) => up.map((row) => row[cols.indexOf(key)]))

const documents = `INSERT INTO documents (id, owner, team, title, size) VALUES
  ('a', 'alice', NULL, 'x', 3), ('b', 'bob', 'red', 'y', 2), ('hidden', 'bob', 'blue', 'x', 1)`

test('a snapshot has the rows that its reader may read, and no others [I5]', async () => {
  await write('rules', documents)
  const all = await read('rules', { table: 'documents' })
  expect([keysOf(all), all.principal]).toEqual([['a', 'b'], 'alice'])
  expect(keysOf(await read('rules', { table: 'documents', where: { title: 'x' } }))).toEqual(['a'])
  const others = await read('rules', { table: 'documents' }, { userId: 'bob', role: 'blue' })
  expect(keysOf(others)).toEqual(['b', 'hidden'])
  expect(JSON.stringify(all)).not.toContain('hidden')
})

test('a window has the first rows of its order, and where it ends', async () => {
  await write('window', documents)
  const orderBy = [{ column: 'size' }]
  const first = await read('window', { table: 'documents', orderBy, limit: 1 })
  expect([keysOf(first), first.boundary]).toEqual([['b'], [2, 'b']])
  const all = await read('window', { table: 'documents', orderBy, limit: 9 })
  expect([keysOf(all), all.boundary]).toEqual([['b', 'a'], null])
})

test('a browser goes on from the position of a snapshot, and is told what changed since [B5, J5]', async () => {
  const room = 'goes-on'
  await write(room, documents)
  const { at, shape } = await read(room, { table: 'documents' })
  await write(room, `DELETE FROM documents WHERE id = 'a'`, `UPDATE documents SET title = 'z' WHERE id = 'b'`)
  const client = await world.connect(room, alice)
  const { welcome, pass } = await client.enter({
    cids: [],
    at,
    subs: [{ id: 1, collection: 'documents', joined: true, shape }],
  })
  expect(welcome.subs).toMatchObject([{ id: 1, is: 'resume' }])
  const tables = pass.frames.flatMap((frame) => Object.entries(frame.tables))
  const changed = tables.map(([, { up, gone = [] }]) => [up.length, gone.length])
  expect(changed).toEqual([[1, 1]])
})

test('a position also holds of rows that were written past the library, when the object is made again', async () => {
  const room = 'made-again'
  const statement = `INSERT INTO todos (id, title, done) VALUES ('past', 'x', 0)`
  await world.control(room, 'sql', { statement, params: [], via: 'storage' })
  const { at, ...first } = await read(room, { table: 'todos' })
  expect(keysOf({ ...first })).toEqual(['past'])
  await world.control(room, 'evict', { webSockets: 'close' })
  await write(room, `INSERT INTO todos (id, title, done) VALUES ('t', 'x', 0)`)
  const { shape } = await read(room, { table: 'todos' })
  const client = await world.connect(room, alice)
  const { welcome } = await client.enter({
    cids: [],
    at,
    subs: [{ id: 1, collection: 'todos', joined: true, shape }],
  })
  expect(welcome.subs).toMatchObject([{ is: 'resume' }])
})

test.each<[string, SnapshotRequest, Claims | null, RegExp]>([
  ['of a table that is not synced', { table: 'nothing' }, alice, /\(unknown-collection\)/],
  ['with a column that is not there', { table: 'todos', where: { nothing: 1 } }, alice, /\(unknown-column\)/],
  ['whose filter has not come across', { table: 'todos', where: {} }, alice, /\(predicate-unsupported\)/],
  ['with a limit and no order', { table: 'todos', limit: 3 }, alice, /\(frame-invalid\)/],
  ['for nobody', { table: 'todos' }, null, /\(auth-failed\)/],
  ['for somebody whose time is over', { table: 'todos' }, { ...alice, exp: 1 } as Claims, /\(auth-failed\)/],
])('a snapshot %s is refused with a code [I1]', async (_name, request, claims, code) => {
  await expect(read('refused', request, claims)).rejects.toThrow(code)
})

test('more than four megabytes are refused, with the way out', async () => {
  const room = 'large'
  await write(
    room,
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
     INSERT INTO todos (id, title, done) SELECT 'k' || i, printf('%.*c', 100000, 'x'), 0 FROM n`,
  )
  await expect(read(room, { table: 'todos' })).rejects.toThrow(/orderBy.*\(snapshot-too-large\)/)
})
