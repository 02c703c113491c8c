import { expect, test } from 'vitest'
import { shapeKey } from '../stream/shape-key.ts'
import type { SubscriptionSpec } from '../wire/index.ts'
import { KeptSubscriptions } from './kept-subscriptions.ts'

const notes: SubscriptionSpec = { collection: 'notes' }
const todos: SubscriptionSpec = { collection: 'todos' }
const top: SubscriptionSpec = {
  collection: 'notes',
  window: { order: [{ column: 'id', descending: false, nulls: 'first', text: 'binary' }], limit: 10 },
}
const [ofNotes, ofTodos] = [shapeKey(notes), shapeKey(todos)]

test('of those that ask for the same rows the first that shows what is kept speaks for it', () => {
  const subs = new KeptSubscriptions()
  subs.add(1, notes, 'none')
  subs.add(2, notes, 'kept')
  subs.add(3, notes, 'kept')
  subs.add(4, todos, 'kept')
  expect([1, 2, 3, 4, 5].map((sub) => subs.spokenBy(sub))).toEqual([
    undefined,
    ofNotes,
    undefined,
    ofTodos,
    undefined,
  ])
  expect(subs.keys).toEqual(new Set([ofNotes, ofTodos]))
})

test('one that has joined anew speaks in the place of one that no pass covers, and not of one that is covered', () => {
  const subs = new KeptSubscriptions()
  subs.add(1, notes, 'kept')
  subs.add(2, notes, 'none')
  expect(subs.claim(2)).toMatchObject({ key: ofNotes, spec: notes })
  expect([subs.spokenBy(1), subs.spokenBy(2)]).toEqual([undefined, ofNotes])
  expect(subs.claim(1)).toBeUndefined()
  expect(subs.spokenBy(2)).toBe(ofNotes)
  subs.covered([1])
  expect(subs.claim(1)).toMatchObject({ key: ofNotes })
  expect(subs.claim(9)).toBeUndefined()
})

test('when the speaker ends, another one that is where it was goes on', () => {
  const subs = new KeptSubscriptions()
  for (const sub of [1, 2, 3]) subs.add(sub, notes, 'kept')
  subs.covered([1, 3])
  subs.remove(1)
  expect([2, 3].map((sub) => subs.spokenBy(sub))).toEqual([undefined, ofNotes])
  subs.remove(3)
  expect(subs.spokenBy(2)).toBeUndefined()
  expect(subs.keys).toEqual(new Set([ofNotes]))
  subs.remove(2)
  expect(subs.keys).toEqual(new Set())
})

test('the end of one that does not speak changes nothing', () => {
  const subs = new KeptSubscriptions()
  for (const sub of [1, 2]) subs.add(sub, notes, 'kept')
  subs.covered([1, 2])
  subs.remove(2)
  expect(subs.spokenBy(1)).toBe(ofNotes)
})

test('another window may end elsewhere: nobody goes on for one that ends', () => {
  const subs = new KeptSubscriptions()
  for (const sub of [1, 2]) subs.add(sub, top, 'kept')
  subs.covered([1, 2])
  subs.remove(1)
  expect(subs.spokenBy(2)).toBeUndefined()
})

test('nobody speaks for what is kept of a shape that was silenced, until somebody has all its rows', () => {
  const subs = new KeptSubscriptions()
  subs.add(1, notes, 'kept')
  subs.covered([1])
  subs.silence(ofNotes)
  subs.covered([1])
  expect(subs.spokenBy(1)).toBeUndefined()
  expect(subs.claim(1)).toMatchObject({ key: ofNotes })
  expect(subs.spokenBy(1)).toBe(ofNotes)
})
