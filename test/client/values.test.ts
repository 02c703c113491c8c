import { ProtocolError } from '@durable-sync/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import type { Todo } from '../worker/rows.ts'
import { equalsServer, until } from './convergence.ts'
import { ending } from './ending.ts'
import { openClient } from './live-client.ts'
import { versions } from './tanstack-versions.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const BYTES = Uint8Array.from({ length: 256 }, (_, i) => i)

/** A row without the column that no client may write. */
const todo = (id: string, fields: Partial<Todo> = {}) =>
  ({
    id,
    title: id,
    done: false,
    due_at: null,
    meta: null,
    views: null,
    avatar: null,
    rank: null,
    ...fields,
  }) as Todo

const full = todo('full', {
  title: 'ü \u0000 😀',
  done: true,
  due_at: new Date(1_700_000_000_123),
  meta: { tags: ['a', null, 1.5], nested: { ok: true } },
  views: 9_007_199_254_740_993n,
  avatar: BYTES,
  rank: -1.5e300,
})

/** What the application sees of a row: its values with their types, without what TanStack DB adds and without the unwritable column. */
const seen = (row: Todo | undefined) =>
  row && Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith('$') && name !== 'owner'))

describe.each(versions)('under @tanstack/db %s', (version, db) => {
  test('every declared column has the same type and value as written, as confirmed, for others, after a catch-up and after a new load [D7, D8, D9]', async () => {
    const room = `types-${version}`
    const proxy = await world.frameProxy()
    const writer = openClient(world, room, { db })
    const watcher = openClient(world, room, { db, claims: { userId: 'bob' } })
    const away = openClient(world, room, { db, port: proxy.port })
    const clients = [writer, watcher, away]
    await Promise.all(clients.map(({ todos }) => todos.preload()))
    away.gate.shut()
    proxy.cut()
    const tx = writer.todos.insert(full)
    const optimistic = seen(writer.todos.get('full'))
    expect(optimistic).toEqual({ ...full })
    await tx.isPersisted.promise
    await until(() => expect(watcher.todos.size).toBe(1))
    away.gate.admit()
    await until(() => expect(away.todos.size).toBe(1))
    const late = openClient(world, room, { db })
    await late.todos.preload()
    for (const { todos } of [...clients, late]) expect(seen(todos.get('full'))).toEqual(optimistic)
    await equalsServer(world, room, { todos: late.todos })
  })

  test('bytes that came from the server are the same after they were written back [D7]', async () => {
    const room = `bytes-${version}`
    const { todos } = openClient(world, room, { db })
    await todos.preload()
    await todos.insert(full).isPersisted.promise
    const avatar = todos.get('full')?.avatar
    expect(avatar).toBeInstanceOf(Uint8Array)
    await todos.insert(todo('copy', { avatar: avatar ?? null })).isPersisted.promise
    await todos.update('full', (draft) => {
      draft.avatar = Uint8Array.of(0xff, 0)
    }).isPersisted.promise
    expect(todos.get('copy')?.avatar).toEqual(BYTES)
    expect(todos.get('full')?.avatar).toEqual(Uint8Array.of(0xff, 0))
    await equalsServer(world, room, { todos })
  })
})

test('numbers, texts and nothing at all survive the way to the server and back [D8]', async () => {
  const room = 'scalars'
  const { samples, todos } = openClient(world, room)
  const watcher = openClient(world, room, { claims: { userId: 'bob' } })
  await Promise.all([samples.preload(), todos.preload(), watcher.samples.preload(), watcher.todos.preload()])
  const numbers = [
    0,
    -1,
    1.5,
    Date.now(),
    2 ** 53 - 1,
    -(2 ** 53 - 1),
    5e-324,
    Number.MAX_VALUE,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ]
  const texts = ['', ' ', 'NUL \u0000 inside', '😀', '"quoted"\\', 'e\u0301', '\ufeff']
  const blank = { t: null, i: null, r: null, n: null, b: null }
  const rows = [
    { id: 'blank', ...blank },
    ...numbers.map((r, i) => ({ id: `r${i}`, ...blank, r })),
    ...texts.map((t, i) => ({ id: `t${i} ${t.codePointAt(0) ?? ''}`, ...blank, t })),
  ]
  await samples.insert(rows).isPersisted.promise
  const bigints = [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, 0n]
  await todos.insert(bigints.map((views, i) => todo(`b${i}`, { views }))).isPersisted.promise
  await until(() => expect(watcher.todos.size).toBe(bigints.length))
  for (const row of rows) {
    expect(samples.get(row.id)).toMatchObject(row)
    expect(watcher.samples.get(row.id)).toMatchObject(row)
  }
  for (const [i, views] of bigints.entries()) expect(watcher.todos.get(`b${i}`)?.views).toBe(views)
})

test('a value or a key that the server could not give back is refused at once, with a code, and rolled back [D8]', async () => {
  const { samples, todos, client } = openClient(world, 'refused-values')
  await Promise.all([samples.preload(), todos.preload()])
  const blank = { id: 'a', t: null, i: null, r: null, n: null, b: null }
  const attempts = [
    samples.insert({ ...blank, r: Number.NaN }),
    samples.insert({ ...blank, id: 'b', t: 'half \ud800' }),
    todos.insert(todo('c', { due_at: new Date(Number.NaN) })),
    todos.insert(todo('d', { views: 2n ** 63n })),
    samples.insert({ ...blank, id: '' }),
  ]
  const errors = await Promise.all(attempts.map(({ isPersisted }) => ending(isPersisted.promise)))
  for (const error of errors) expect(error).toBeInstanceOf(ProtocolError)
  const codes = errors.map((error) => (error as ProtocolError).code)
  expect(codes).toEqual(['value-invalid', 'value-invalid', 'value-invalid', 'value-invalid', 'key-invalid'])
  expect([samples.size, todos.size, client.pendingWrites.get().count]).toEqual([0, 0, 0])
})

test('a row of one and a half megabytes arrives whole with a first load, live and with a catch-up [D10]', async () => {
  const room = 'large-row'
  const proxy = await world.frameProxy()
  const large = (id: string) =>
    world.sql(
      room,
      `INSERT INTO notes VALUES (?1, ?1, substr(replace(hex(zeroblob(750000)), '0', 'ü'), 1, 1500000))`,
      id,
    )
  await large('loaded')
  const { notes, gate } = openClient(world, room, { port: proxy.port })
  await notes.preload()
  await large('live')
  await until(() => expect(notes.size).toBe(2))
  gate.shut()
  proxy.cut()
  await large('caught up')
  gate.admit()
  await until(() => expect(notes.size).toBe(3))
  const text = 'ü'.repeat(1_500_000)
  for (const { title } of notes.toArray) expect(title === text).toBe(true)
})

test('a write that is larger than a frame may be, in bytes and not in characters, is refused at once with a code [D10]', async () => {
  const { notes, client } = openClient(world, 'oversize')
  await notes.preload()
  const title = 'ü'.repeat(600_000)
  const before = performance.now()
  const tx = notes.insert({ id: 'a', slug: 'a', title })
  expect(await ending(tx.isPersisted.promise)).toMatchObject({
    name: 'ProtocolError',
    code: 'write-too-large',
  })
  expect(performance.now() - before).toBeLessThan(500)
  expect([notes.size, client.pendingWrites.get().count]).toEqual([0, 0])
  await notes.insert({ id: 'b', slug: 'b', title: 'x'.repeat(600_000) }).isPersisted.promise
  expect(notes.size).toBe(1)
})
