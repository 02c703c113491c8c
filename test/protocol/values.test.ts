import type { Cell, WireValue } from '@durable-sync/core/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import type { Param } from '../worker/control-verbs.ts'
import { call, declared, insert, mutate, sample, update } from './items.ts'
import { Watcher } from './watcher.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

/** What a socket that watches live, one that was away, and one that comes later hold of one row: they must agree. */
async function threeWays(room: string, table: string, write: (writer: Watcher) => Promise<void>) {
  const live = await Watcher.open(world, room, [table], { ...declared, client: 'live' })
  const away = await Watcher.open(world, room, [table], { client: 'away' })
  away.client.drop()
  await write(live)
  await away.resume()
  const late = await Watcher.open(world, room, [table], { client: 'late' })
  for (const watcher of [live, away, late]) await watcher.expectEqual()
  return (key: string) => {
    const rows = [live, away, late].map((watcher) => watcher.rows(table).get(key))
    expect(rows[1]).toEqual(rows[0])
    expect(rows[2]).toEqual(rows[0])
    return rows[0]
  }
}

/** Every value of `values` in column `column` of a sample of its own, sent up and read back. */
async function roundTrip(room: string, column: string, values: readonly WireValue[]) {
  const row = await threeWays(room, 'samples', async (writer) => {
    const outcomes = await writer.settle(
      ...values.map((value, i) => sample(i + 1, `s${i}`, { [column]: value })),
    )
    for (const { n, outcome } of outcomes)
      expect(outcome, `${JSON.stringify(values[n - 1])} in ${column}`).toEqual({ is: 'committed' })
  })
  return values.map((_, i) => row(`s${i}`)?.[column])
}

test('numbers come back bit by bit, whatever the column is declared as [D8, R14]', async () => {
  const numbers = [
    0,
    1,
    -1,
    1792000000123,
    2 ** 53 - 1,
    1 - 2 ** 53,
    0.1 + 0.2,
    Math.PI,
    -1 / 3,
    1e21,
    1.5e300,
    5e-324,
    2 ** 63,
    Number.MAX_VALUE,
    1234567890123.457,
  ]
  for (const column of ['i', 'r', 'n', 'b'])
    expect(await roundTrip(`numbers-${column}`, column, numbers), column).toEqual(numbers)
})

test('the infinities survive, and a negative zero is zero [D8]', async () => {
  const writer = await Watcher.open(world, 'infinite', ['samples'], declared)
  const values = [{ num: 'Infinity' }, { num: '-Infinity' }, -0] as const
  await writer.settle(...values.map((r, i) => sample(i + 1, `s${i}`, { r })))
  const late = await Watcher.open(world, 'infinite', ['samples'], { client: 'late' })
  for (const watcher of [writer, late])
    expect(
      watcher
        .rows('samples')
        .sorted()
        .map(({ r }) => r),
    ).toEqual([Infinity, -Infinity, 0])
})

test('texts come back unit by unit [D8]', async () => {
  const texts = [
    '',
    'a\0b',
    '\0',
    'naïve 😀 \u{10ffff}',
    'line\n\r\t\u2028\u2029',
    '"quoted" \\ \u0001\u001f\u007f',
    '\ufeffmark',
    'null',
    '9007199254740993',
    '1e5',
    '5.0',
    'x'.repeat(10_000),
  ]
  for (const column of ['t', 'b'])
    expect(await roundTrip(`texts-${column}`, column, texts), column).toEqual(texts)
})

test('null is null in every column, and keys may be any text [D8, D1]', async () => {
  expect(await roundTrip('null', 'i', [null])).toEqual([null])
  const keys = ['\0', 'a\0b', '😀', ' ', "'; --", '"', '__proto__', 'constructor', '\uffff', 'ß']
  const row = await threeWays('odd-keys', 'samples', async (writer) => {
    const ops = keys.map((key) => insert('samples', key, { t: key }))
    await writer.settle(mutate(1, ...ops), mutate(2, ...keys.map((key) => update('samples', key, { i: 1 }))))
  })
  for (const key of keys) expect(row(key)).toMatchObject({ id: key, t: key, i: 1 })
})

test('bytes come back as the same bytes, on every way down [D7, R14]', async () => {
  const all = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0')).join('')
  const row = await threeWays('bytes', 'todos', async (writer) => {
    await writer.settle(
      mutate(1, insert('todos', 'a', { title: 't', avatar: { hex: all } })),
      mutate(2, insert('todos', 'empty', { title: 't', avatar: { hex: '' } })),
    )
  })
  expect(row('a')?.avatar).toEqual({ hex: all.toUpperCase() })
  expect(row('empty')?.avatar).toEqual({ hex: '' })
  // And once more up, as a client writes back what it read.
  const writer = await Watcher.open(world, 'bytes', ['todos'], declared)
  const read = writer.rows('todos').get('a')?.avatar as WireValue
  await writer.settle(mutate(3, update('todos', 'a', { avatar: read })))
  expect(writer.rows('todos').get('a')?.avatar).toEqual({ hex: all.toUpperCase() })
})

test('64-bit integers are exact in a bigint column, and never rounded in another [D8, R14]', async () => {
  const integers = ['9223372036854775807', '-9223372036854775808', '9007199254740993', '5']
  const row = await threeWays('bigint', 'todos', async (writer) => {
    const ops = integers.map((int) => insert('todos', int, { title: 't', views: { int } }))
    await writer.settle(mutate(1, ...ops))
  })
  expect(integers.map((int) => row(int)?.views)).toEqual([
    ...integers.slice(0, 3).map((int) => ({ int })),
    5,
  ] satisfies (Cell | undefined)[])
  // Written by the object into a column of no kind: said exactly, so that the client can refuse it.
  await world.sql('rounded', `INSERT INTO samples (id, i) VALUES ('a', 9007199254740993)`)
  const watcher = await Watcher.open(world, 'rounded', ['samples'], declared)
  expect(watcher.rows('samples').get('a')?.i).toEqual({ int: '9007199254740993' })
  // And a client cannot put one there.
  const outcomes = await watcher.settle(sample(1, 'b', { i: 2 ** 53 }), sample(2, 'c', { n: -(2 ** 60) }))
  for (const { outcome } of outcomes) expect(outcome).toMatchObject({ is: 'rejected', code: 'value-invalid' })
})

test('a declared column is stored as its kind says, and the join names the kinds [D9, R14]', async () => {
  const row = await threeWays('kinds', 'todos', async (writer) => {
    const cols = {
      title: 't',
      done: true,
      due_at: { date: 1792000000123 },
      meta: { json: { deep: [1, { null: null }] } },
      views: 7,
      rank: 0.5,
    }
    await writer.settle(
      mutate(1, insert('todos', 'a', cols)),
      mutate(2, insert('todos', 'b', { title: 'u', done: false, meta: 'a text' })),
    )
  })
  expect(row('a')).toEqual({
    id: 'a',
    title: 't',
    done: 1,
    due_at: 1792000000123,
    meta: '{"deep":[1,{"null":null}]}',
    views: 7,
    avatar: null,
    rank: 0.5,
    owner: null,
  })
  expect(row('b')).toMatchObject({ done: 0, due_at: null, meta: '"a text"' })
  const client = await world.connect('kinds')
  await client.enter({ client: 'kinds' })
  expect((await client.join({ sub: 1, collection: 'todos' })).end.kinds).toEqual({
    done: 'boolean',
    due_at: 'date',
    meta: 'json',
    views: 'bigint',
    avatar: 'bytes',
  })
})

test('a value that does not fit its column is refused with a code, and nothing is stored [D8, D9, R14]', async () => {
  const todo = (cols: Record<string, WireValue>) => insert('todos', 'a', { title: 't', ...cols })
  const bad = [
    todo({ done: 1 }),
    todo({ done: 'true' }),
    todo({ due_at: 5 }),
    todo({ due_at: '2026-01-01' }),
    todo({ due_at: { date: 8_640_000_000_000_001 } }),
    todo({ views: { int: '9223372036854775808' } }),
    todo({ views: 1.5 }),
    todo({ views: '5' }),
    todo({ avatar: 'text' }),
    todo({ rank: true }),
    todo({ rank: { date: 0 } }),
    todo({ rank: { hex: '00' } }),
    todo({ rank: { json: 1 } }),
    todo({ rank: { int: '5' } }),
    // workerd would store it as the text '5.0'.
    todo({ title: 5 }),
    insert('samples', 'a', { t: 5 }),
  ]
  const client = await world.connect('misfit')
  await client.enter(declared)
  for (const [i, op] of bad.entries()) {
    const { outcomes } = await client.settle(mutate(i + 1, op))
    expect(outcomes[0]?.outcome, JSON.stringify(op)).toMatchObject({ is: 'rejected', code: 'value-invalid' })
  }
  expect(await world.rows('misfit', 'todos')).toEqual([])
})

test('a row of 1.5 MB comes down whole, in a join, in a change and in a catch-up [D10]', async () => {
  const row = await threeWays('large', 'messages', async (writer) => {
    await world.sql(
      'large',
      `INSERT INTO messages VALUES ('big', 'alice', replace(hex(zeroblob(750000)), '0', 'é'), 0)`,
    )
    await writer.pass()
  })
  expect(row('big')?.content).toBe('é'.repeat(1_500_000))
})

test('a write above the row limit is refused, and the limit counts bytes [D10, R28]', async () => {
  await world.control('limit', 'register', { limits: { rowBytes: 3000 } })
  const client = await world.connect('limit')
  const { welcome } = await client.enter(declared)
  expect(welcome.limits.rowBytes).toBe(3000)
  const { outcomes } = await client.settle(
    sample(1, 'ascii', { t: 'x'.repeat(2900) }),
    sample(2, 'ascii-2', { t: 'x'.repeat(3000) }),
    sample(3, 'accents', { t: 'é'.repeat(1600) }),
    sample(4, 'emoji', { t: '😀'.repeat(800) }),
    mutate(5, insert('samples', 'é'.repeat(1501), {})),
    mutate(6, insert('todos', 'bytes', { title: '', avatar: { hex: '00'.repeat(3001) } })),
  )
  expect(outcomes.map(({ outcome }) => (outcome.is === 'rejected' ? outcome.code : outcome.is))).toEqual([
    'committed',
    ...Array.from({ length: 5 }, () => 'row-too-large'),
  ])
})

test('a frame above the limit is refused at once, counted in bytes, and the socket goes on [D10, I2]', async () => {
  const client = await world.connect('frame')
  await client.enter(declared)
  const started = performance.now()
  client.push(sample(1, 'a', { t: 'é'.repeat(600_000) }))
  expect(await client.next('refused')).toMatchObject({ re: 'frame', code: 'frame-too-large' })
  expect(performance.now() - started).toBeLessThan(1000)
  const { outcomes } = await client.settle(sample(1, 'a', { t: 'é'.repeat(500_000) }))
  expect(outcomes[0]?.outcome).toEqual({ is: 'committed' })
})

test('handlers see the application types, and storage values beside them [D9, R14]', async () => {
  const client = await world.connect('handlers')
  await client.enter(declared)
  await client.settle(mutate(1, insert('todos', 'a', { title: 't', done: true, views: { int: '5' } })))
  await world.sql('handlers', `UPDATE todos SET owner = 'bob' WHERE id = 'a'`)
  // `check` reads the row as it is: somebody else's.
  const { outcomes } = await client.settle(mutate(2, update('todos', 'a', { done: false })))
  expect(outcomes[0]?.outcome).toMatchObject({ code: 'denied', message: 'the todo is somebody else’s' })
})

test('sql binds what SQLite lacks as it is stored, and refuses what has no storage form [D8, R14]', async () => {
  const put = (value: Param) =>
    world.sql('binding', `INSERT OR REPLACE INTO samples (id, i, b) VALUES ('a', ?1, ?1)`, value)
  const stored = async (value: Param) => {
    await put(value)
    const [row] = await world.rows('binding', 'samples')
    return [row?.i, row?.b]
  }
  expect(await stored(true)).toEqual([1, 1])
  expect(await stored(false)).toEqual([0, 0])
  expect(await stored({ int: '9223372036854775807' })).toEqual([
    { int: '9223372036854775807' },
    '9223372036854775807',
  ])
  expect(await stored({ hex: '00ff' })).toEqual([{ hex: '00FF' }, { hex: '00FF' }])
  await expect(put({ date: 0 })).rejects.toThrow(
    'a Date cannot be bound: bind a storage value, such as op.stored',
  )
})

test('arguments and results of commands are plain JSON, unchanged [D8, C18]', async () => {
  const client = await world.connect('json')
  await client.enter(declared)
  const value = { a: [1, 0.1 + 0.2, -0.5, null, true], 'é\0': '😀', nested: { deep: [[[]]] } }
  const { outcomes } = await client.settle(call(1, 'echo', value))
  expect(outcomes[0]?.outcome).toEqual({ is: 'committed', result: value })
})
