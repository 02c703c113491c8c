import { expect, it } from 'vitest'
import { type Position, type Predicate, utf8Bytes } from '../wire/index.ts'
import { helloSubscriptions } from './hello-subscriptions.ts'
import { STREAM_START, type StreamState } from './stream-state.ts'
import { streamStep } from './stream-transitions.ts'
import type { Subscription } from './subscription.ts'

const listOf = (bytes: number): Predicate => ({
  op: 'in',
  column: 'id',
  values: ['x'.repeat(bytes), 'y'],
})

const joined = (id: number, bytes: number): Subscription => ({
  id,
  spec: { collection: 'todos', where: listOf(bytes) },
  limit: 0,
  phase: { is: 'joined', window: null },
  rows: { shape: 's', key: 'id', kinds: {} },
  under: null,
  refusal: null,
  failures: 0,
})

it('a hello stays within what a server takes: the largest subscriptions are left out and join anew', () => {
  const sizes = [90_000, 100, 120_000, 60_000]
  const subs = new Map(sizes.map((bytes, i) => [i + 1, joined(i + 1, bytes)]))
  const state: StreamState = { ...STREAM_START, position: '1.a.room' as Position, subs }
  const greeted = streamStep(state, { type: 'greeted' }).state
  const hello = helloSubscriptions(greeted.subs)
  expect(utf8Bytes(JSON.stringify(hello))).toBeLessThan(205 * 1024)
  expect(hello.map(({ id, joined }) => [id, joined])).toEqual([
    [1, true],
    [2, true],
    [4, true],
  ])
  expect([...greeted.subs.values()].map(({ phase }) => phase.is)).toEqual([
    'joined',
    'joined',
    'waiting',
    'joined',
  ])
  expect(greeted.position).toBe('1.a.room')
})

it('a hello says of a window where it ends, and how many rows it holds besides those that are wanted', () => {
  const order = [{ column: 'votes', descending: true, nulls: 'first', text: 'binary' }] as const
  const window: Subscription = {
    ...joined(1, 10),
    spec: { collection: 'todos', window: { order, limit: 10 } },
    limit: 20,
    phase: { is: 'joined', window: { boundary: [7, 'g'], held: 30, page: null } },
  }
  const waiting: Subscription = { ...window, id: 2, phase: { is: 'waiting', since: null } }
  expect(
    helloSubscriptions(
      new Map([
        [1, window],
        [2, waiting],
      ]),
    ),
  ).toEqual([
    {
      id: 1,
      joined: true,
      collection: 'todos',
      window: { order, limit: 30 },
      shape: 's',
      boundary: [7, 'g'],
    },
    { id: 2, joined: false, collection: 'todos', window: { order, limit: 30 } },
  ])
})
