import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { CID, call, declared, mutate, remove, sample } from './items.ts'
import { Watcher } from './watcher.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

async function enter(room: string) {
  const client = await world.connect(room)
  await client.enter(declared)
  return client
}

const outcomes = (receipts: readonly { outcome: unknown }[]) => receipts.map(({ outcome }) => outcome)

test('a command that deletes many rows returns their number, and everybody loses them [C18]', async () => {
  const caller = await Watcher.open(world, 'clear', ['messages'], { ...declared, client: 'caller' })
  const watcher = await Watcher.open(world, 'clear', ['messages'])
  const filled = await caller.settle(call(1, 'fill', { count: 1000, bytes: 10, prefix: 'm' }))
  expect(outcomes(filled)).toEqual([{ is: 'committed', result: { added: 1000 } }])
  await watcher.pass()
  expect(watcher.rows('messages').size).toBe(1000)
  const cleared = await caller.settle(call(2, 'clear', { table: 'messages' }))
  expect(outcomes(cleared)).toEqual([{ is: 'committed', result: { deleted: 1000 } }])
  await watcher.pass()
  for (const each of [caller, watcher]) {
    expect(each.rows('messages').size).toBe(0)
    await each.expectEqual()
  }
})

test('the result of a command is in the frame that carries what it wrote [A1, C18, R3]', async () => {
  const caller = await Watcher.open(world, 'together', ['traces'], declared)
  caller.client.push(call(1, 'tally', { name: 'runs', ms: 0 }))
  const pass = await caller.pass()
  expect(pass.frames).toMatchObject([{ tables: { traces: { up: [['runs', '1']] } } }])
  expect(pass.settled).toEqual([{ cid: CID, n: 1, outcome: { is: 'committed', result: { ran: 1 } } }])
})

test('commands and mutations are numbered together and run in their order [R7, R9]', async () => {
  const client = await enter('mixed')
  const { outcomes: receipts } = await client.settle(
    sample(1, 'a'),
    call(2, 'clear', { table: 'samples' }),
    sample(3, 'b'),
    call(4, 'slow', { ms: 50 }),
    mutate(5, remove('samples', 'b')),
    call(6, 'clear', { table: 'samples' }),
  )
  expect(outcomes(receipts)).toEqual([
    { is: 'committed' },
    { is: 'committed', result: { deleted: 1 } },
    { is: 'committed' },
    { is: 'committed', result: { waited: 50 } },
    { is: 'committed' },
    { is: 'committed', result: { deleted: 0 } },
  ])
})

test('a result that cannot be sent undoes the command, and a retry does not run it again [C19, I4]', async () => {
  const client = await enter('spoilt')
  const spoilt = [
    call(1, 'spoilt', { id: 'date', how: 'unserialisable' }),
    call(2, 'spoilt', { id: 'large', how: 'large' }),
    call(3, 'unserialisable'),
    call(4, 'large', { bytes: 256 * 1024 - 1 }),
  ]
  const first = await client.settle(...spoilt)
  expect(outcomes(first.outcomes)).toMatchObject([
    {
      is: 'rejected',
      code: 'result-unserialisable',
      message: expect.stringContaining('result.when is a Date'),
    },
    { is: 'rejected', code: 'result-too-large', message: expect.stringContaining('262146 bytes') },
    { is: 'rejected', code: 'result-unserialisable', message: expect.stringContaining('contains itself') },
    { is: 'rejected', code: 'result-too-large' },
  ])
  expect(await world.rows('spoilt', 'traces')).toEqual([])
  expect((await client.settle(...spoilt)).outcomes).toEqual(first.outcomes)
  expect(await world.rows('spoilt', 'traces')).toEqual([])
  // Exactly the limit is allowed: the quotes count.
  const { outcomes: receipts } = await client.settle(call(5, 'large', { bytes: 256 * 1024 - 2 }))
  expect(receipts[0]?.outcome.is).toBe('committed')
})

test('a command that throws leaves nothing, and says nothing of why [C3, I4]', async () => {
  const watcher = await Watcher.open(world, 'fails', ['messages'], declared)
  const receipts = await watcher.settle(call(1, 'fail', null))
  expect(receipts).toMatchObject([{ outcome: { is: 'rejected', code: 'execute-failed' } }])
  expect(JSON.stringify(watcher.client.received)).not.toContain('secret')
  expect(await world.rows('fails', 'messages')).toEqual([])
  await watcher.expectEqual()
})

test('a denied command says why, and an unknown one that it is unknown [I4]', async () => {
  const client = await enter('denied')
  const { outcomes: receipts } = await client.settle(
    call(1, 'deny'),
    call(2, 'nothing'),
    call(3, '__proto__'),
    call(4, 'echo', 'after'),
  )
  expect(outcomes(receipts)).toMatchObject([
    { is: 'rejected', code: 'denied', message: 'not you' },
    { is: 'rejected', code: 'unknown-command' },
    { is: 'rejected', code: 'unknown-command' },
    { is: 'committed', result: 'after' },
  ])
})

test('a schema is a gate: it refuses field by field, and what it makes of the input is dropped [C2]', async () => {
  const client = await enter('gated')
  const { outcomes: receipts } = await client.settle(
    call(1, 'gated', { count: 5 }),
    call(2, 'gated', { count: 5, later: true }),
    call(3, 'gated', { count: 0 }),
    call(4, 'gated', { count: 0, later: true }),
  )
  const invalid = {
    is: 'rejected',
    code: 'invalid',
    message: 'must be above zero',
    details: [{ message: 'must be above zero', path: ['count', '0'] }],
  }
  expect(outcomes(receipts)).toEqual([
    { is: 'committed', result: { count: 5 } },
    { is: 'committed', result: { count: 5, later: true } },
    invalid,
    invalid,
  ])
})

test('a command without a result settles without one, and null is a result [C18]', async () => {
  const client = await enter('results')
  const { outcomes: receipts } = await client.settle(
    call(1, 'earlyWrite', { id: 'a', ms: 0 }),
    call(2, 'echo', null),
  )
  expect(outcomes(receipts)).toEqual([{ is: 'committed' }, { is: 'committed', result: null }])
})
