import { expect, test } from 'vitest'
import { TransactionOrder } from './transaction-order.ts'

function transaction(collection: { utils: object }, ...keys: string[]) {
  const isPersisted = deferred()
  const mutations = keys.map((key) => ({
    collection,
    key,
    type: 'update' as const,
    original: {},
    modified: {},
    changes: {},
  }))
  return { mutations, isPersisted }
}

test('a transaction waits for those before it that touch one of its rows, however they end, and for no other', async () => {
  const order = new TransactionOrder()
  const notes = { utils: {} }
  const [a, b, both] = [transaction(notes, 'a'), transaction(notes, 'b'), transaction(notes, 'a', 'b')]
  expect(order.enter(a)).toBeUndefined()
  expect(order.enter(b)).toBeUndefined()
  expect(order.enter(transaction({ utils: {} }, 'a'))).toBeUndefined()
  let entered = 'waits'
  const waiting = order.enter(both)?.then(() => {
    entered = 'entered'
  })
  a.isPersisted.resolve(undefined)
  await a.isPersisted.promise
  await Promise.resolve()
  expect(entered).toBe('waits')
  b.isPersisted.reject(new Error('refused'))
  await waiting
  expect(entered).toBe('entered')
})

test('a row whose transactions have all settled holds up nobody', async () => {
  const order = new TransactionOrder()
  const notes = { utils: {} }
  const first = transaction(notes, 'a')
  order.enter(first)
  first.isPersisted.resolve(undefined)
  await new Promise((resolve) => setImmediate(resolve))
  expect(order.enter(transaction(notes, 'a'))).toBeUndefined()
})

function deferred() {
  let settle = { resolve: (_: undefined) => {}, reject: (_: Error) => {} }
  const promise = new Promise<unknown>((resolve, reject) => {
    settle = { resolve, reject }
  })
  return { promise, ...settle }
}
