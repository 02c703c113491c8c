import type { PushItem } from '@durable-sync/core/wire'
import { afterAll, beforeAll, expect } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import type { Behaviour } from '../worker/rows.ts'
import { intrusions, rejected } from './intruder.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const ROOM = 'bad-writes'
const intrusion = intrusions(() => world, ROOM)

const op = (collection: string, type: string, key: string, cols?: Record<string, unknown>) => ({
  collection,
  type,
  key,
  ...(cols ? { cols } : {}),
})
const mutation = (...ops: unknown[]) => ({ do: 'mutate', ops }) as const
const call = (name: string, args: unknown = null) => ({ do: 'call', name, args }) as const
const job = (key: string, behaviour: Behaviour, delay = 0) =>
  mutation(op('jobs', 'insert', key, { behaviour, delay }))
const count = async (table: string) => (await world.rows(ROOM, table)).length

intrusion(
  'an unknown table is rejected by name, in a write, a join and a hello [I2]',
  async ({ client, outcome }) => {
    expect(await outcome(mutation(op('nowhere', 'insert', 'k', {})))).toEqual({
      is: 'rejected',
      code: 'unknown-collection',
      message: 'there is no collection "nowhere"',
    })
    for (const collection of ['nowhere', '_sync_log', 'sqlite_master', 'todos; DROP TABLE todos', 'TODOS']) {
      client.send({ type: 'join', sub: 1, join: 1, collection })
      expect(await client.next('refused')).toMatchObject({ re: 'join', join: 1, code: 'unknown-collection' })
    }
    const other = await world.connect(ROOM, { userId: 'mallory' })
    const { welcome } = await other.enter({
      client: 'other',
      subs: [
        { id: 1, joined: true, collection: 'nowhere', shape: 'x' },
        { id: 2, joined: false, collection: 'todos' },
      ],
    })
    expect(welcome.subs).toMatchObject([
      { id: 1, is: 'refused', code: 'unknown-collection' },
      { id: 2, is: 'restart' },
    ])
  },
)

intrusion('an operation that is not open to clients is rejected [I2]', async ({ outcome }) => {
  expect(await outcome(mutation(op('messages', 'update', 'k', { content: '' })))).toEqual(
    rejected('unhandled-operation'),
  )
  expect(await outcome(mutation(op('traces', 'insert', 'k', { job: 'j' })))).toEqual(
    rejected('unhandled-operation'),
  )
  expect(await outcome(call('nothing'))).toEqual(rejected('unknown-command'))
})

intrusion('an empty key is rejected at once [D1]', async ({ outcome }) => {
  for (const type of ['insert', 'update', 'delete'])
    expect(await outcome(mutation(op('samples', type, '', {})))).toEqual(rejected('key-empty'))
})

intrusion(
  'a row whose key is not the operation’s rejects the whole batch before anybody is asked [D2]',
  async ({ outcome }) => {
    // Asked, the first operation would be denied: its author is somebody else.
    const denied = op('messages', 'insert', 'm', { author: 'nora', content: '', created_at: 0 })
    expect(await outcome(mutation(denied))).toEqual(rejected('denied'))
    for (const type of ['insert', 'update'])
      for (const id of ['other', '', null, 7, { int: '7' }, { hex: '6b' }]) {
        const { is, code } = (await outcome(mutation(denied, op('samples', type, 'k', { id })))) as {
          is: string
          code: string
        }
        expect([is, code], `${type} with ${JSON.stringify(id)}`).toEqual([
          'rejected',
          typeof id === 'object' && id !== null ? 'value-invalid' : 'key-mismatch',
        ])
      }
    expect(await count('messages')).toBe(0)
  },
)

intrusion(
  'a value that its column cannot hold is rejected by the name of the column [R14]',
  async ({ outcome }) => {
    for (const [column, value] of [
      ['done', 1],
      ['due_at', '2026-01-01'],
      ['views', 1.5],
      ['views', { int: '9223372036854775808' }],
      ['avatar', 'text'],
      ['title', true],
      ['title', { json: {} }],
      ['rank', { date: 5 }],
      ['title', 5],
    ] as const)
      expect(
        await outcome(mutation(op('todos', 'insert', 'k', { title: 'x', [column]: value }))),
      ).toMatchObject({
        is: 'rejected',
        code: 'value-invalid',
        message: expect.stringContaining(column) as unknown,
      })
  },
)

intrusion(
  'a date that no calendar has is rejected, in a column of any affinity [R14]',
  async ({ outcome }) => {
    for (const date of [8_640_000_000_000_001, -8_640_000_000_000_001, Number.MAX_SAFE_INTEGER])
      expect(
        await outcome(mutation(op('todos', 'insert', `d${date}`, { title: 'x', due_at: { date } }))),
      ).toEqual(rejected('value-invalid'))
  },
)

intrusion('columns that are not open or not there are rejected [I2]', async ({ outcome }) => {
  const insert = (cols: Record<string, unknown>) =>
    outcome(mutation(op('todos', 'insert', 'k', { title: 'x', ...cols })))
  expect(await insert({ owner: 'mallory' })).toEqual(rejected('column-not-writable'))
  expect(await insert({ '"; DROP TABLE todos; --': 1 })).toEqual(rejected('unknown-column'))
})

intrusion(
  'what a handler throws stays on the server, what a gate throws reaches the client [I4]',
  async ({ outcome }) => {
    const server = 'the server could not carry this out'
    expect(await outcome(job('j1', 'execute-throw'))).toEqual({
      is: 'rejected',
      code: 'execute-failed',
      message: server,
    })
    expect(await outcome(job('j2', 'execute-throw-late'))).toEqual({
      is: 'rejected',
      code: 'execute-failed',
      message: server,
    })
    expect(await outcome(job('j3', 'authorize-throw'))).toEqual({
      is: 'rejected',
      code: 'denied',
      message: 'authorize says no',
    })
    expect(await outcome(job('j4', 'authorize-throw', 20))).toMatchObject({
      code: 'denied',
      message: 'authorize says no',
    })
    expect(await outcome(job('j5', 'check-throw'))).toEqual({
      is: 'rejected',
      code: 'denied',
      message: 'check says no',
    })
    for (const behaviour of ['authorize-false', 'check-false'] as const)
      expect(await outcome(job('j6', behaviour))).toEqual({
        is: 'rejected',
        code: 'denied',
        message: 'not allowed',
      })
    expect(await outcome(call('fail'))).toEqual({ is: 'rejected', code: 'execute-failed', message: server })
    expect(await outcome(call('deny'))).toEqual({ is: 'rejected', code: 'denied', message: 'not you' })
    expect(await count('jobs')).toBe(0)
    expect(await count('messages')).toBe(0)
  },
)

intrusion('SQLite’s own words do not reach a client [I4]', async ({ outcome }) => {
  expect(await outcome(mutation(op('todos', 'insert', 'k', {})))).toEqual({
    is: 'rejected',
    code: 'constraint-failed',
    message: '"todos"."title" must not be null',
  })
  expect(await outcome(call('clear', { table: 'no such"table' }))).toMatchObject({ code: 'execute-failed' })
})

intrusion(
  'a handler that returns a promise is rejected and rolled back, and the log says why [C14]',
  async ({ outcome }) => {
    expect(await outcome(job('promise', 'execute-thenable'))).toMatchObject({
      is: 'rejected',
      code: 'handler-async',
    })
    expect(await count('jobs')).toBe(0)
    const errors = (await world.control(ROOM, 'events', {})).filter(({ type }) => type === 'error')
    expect(String(errors.at(-1)?.error)).toContain('synchronous')
  },
)

intrusion('a hook after the commit that throws changes nothing [C20]', async ({ outcome }) => {
  expect(await outcome(job('kept', 'after-commit-throws'))).toEqual({ is: 'committed' })
  expect(await count('jobs')).toBe(1)
})

intrusion(
  'a result that JSON cannot say, or too large, is rejected, and a resend gets the same [C19]',
  async ({ client, cid, outcome }) => {
    expect(await outcome(call('unserialisable'))).toEqual(rejected('result-unserialisable'))
    expect(await outcome(call('large', { bytes: 256 * 1024 }))).toEqual(rejected('result-too-large'))
    const { outcomes } = await client.settle({ cid, n: 1, ...call('echo') }, { cid, n: 2, ...call('echo') })
    expect(outcomes.map((receipt) => receipt.outcome)).toEqual([
      rejected('result-unserialisable'),
      rejected('result-too-large'),
    ])
  },
)

intrusion(
  'a number too far, and zero, are refused with the number that is waited for, and nothing runs [R7]',
  async ({ client, cid }) => {
    for (const n of [2, 0, Number.MAX_SAFE_INTEGER]) {
      client.push({
        cid,
        n,
        do: 'mutate',
        ops: [{ collection: 'samples', type: 'insert', key: 'gap', cols: {} }],
      })
      expect(await client.next('refused')).toMatchObject({ re: 'push', cid, n, code: 'gap', expected: 1 })
    }
    expect((await world.rows(ROOM, 'samples')).some(({ id }) => id === 'gap')).toBe(false)
  },
)

intrusion(
  'the same number for two things in one frame runs the first, and the second gets the outcome of the first [C13]',
  async ({ client, cid }) => {
    const row = (key: string) => ({ cid, n: 1, ...mutation(op('samples', 'insert', key, {})) }) as PushItem
    client.push(row('one'), row('other'), { cid, n: 2, do: 'skip' })
    const { settled } = await client.pass()
    expect(settled).toEqual([
      { cid, n: 1, outcome: { is: 'committed' } },
      { cid, n: 2, outcome: { is: 'skipped' } },
    ])
    const keys = (await world.rows(ROOM, 'samples')).map(({ id }) => id)
    expect([keys.includes('one'), keys.includes('other')]).toEqual([true, false])
  },
)

intrusion(
  'somebody else’s client id can neither be declared, used, retired nor read [C11, C13]',
  async ({ client }) => {
    const cid = 'cid-neighbour'
    const sneak = { cid, n: 1, do: 'call', name: 'echo', args: 'sneak' } as const
    client.push(sneak)
    expect(await client.next('refused')).toMatchObject({ re: 'push', code: 'cid-foreign' })
    client.send({ type: 'open', cids: [{ cid, seen: 1000 }] })
    client.send({ type: 'retire', cids: [cid] })
    client.send({ type: 'seen', cids: [{ cid, seen: 1000 }] })
    client.push(sneak)
    expect(await client.next('refused')).toMatchObject({ re: 'push', code: 'cid-foreign' })
    const second = await world.connect(ROOM, { userId: 'mallory' })
    const { welcome, pass } = await second.enter({ client: 'thief', cids: [{ cid, seen: 0 }] })
    expect(welcome.cids).toEqual([{ cid, is: 'foreign', last: 0 }])
    expect(pass.settled).toEqual([])
  },
)

intrusion(
  'a client id that was not declared, or was retired, is refused [R7]',
  async ({ client, cid, outcome }) => {
    client.push({ cid: 'undeclared', n: 1, do: 'skip' })
    expect(await client.next('refused')).toMatchObject({
      re: 'push',
      cid: 'undeclared',
      code: 'cid-undeclared',
    })
    expect((await outcome(call('echo'))).is).toBe('committed')
    client.send({ type: 'retire', cids: [cid] })
    client.push({ cid, n: 2, do: 'skip' }, { cid, n: 1, do: 'skip' })
    for (const n of [2, 1])
      expect(await client.next('refused')).toMatchObject({ cid, n, code: 'cid-retired' })
  },
)

intrusion('somebody else’s page takes no hello from a client with the same name [R7]', async ({ client }) => {
  const impostor = await world.connect(ROOM, { userId: 'mallory' })
  await impostor.enter({ client: 'neighbour' })
  await client.expectNothing(20)
})
