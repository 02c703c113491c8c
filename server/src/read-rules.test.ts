import { filter } from '@durable-sync/core/wire'
import { expect, test } from 'vitest'
import { FilterCache } from './compiled-filter.ts'
import { ReadRules } from './read-rules.ts'
import type { ErasedCollection } from './registry/registered.ts'
import type { SyncEvent } from './sync-event.ts'
import type { TableSchema } from './table-schema.ts'

const schema: TableSchema = {
  name: 'tasks',
  key: 'id',
  columns: ['id', 'owner'].map((name) => ({ name, affinity: 'text', kind: undefined, generated: false })),
  kinds: {},
  hash: '',
}

function rulesOf(readFilter: ErasedCollection['readFilter']) {
  const events: SyncEvent[] = []
  const collection: ErasedCollection = {
    table: 'tasks',
    pk: 'id',
    kinds: {},
    readFilter,
    mutations: new Map(),
  }
  const rules = new ReadRules({
    collections: new Map([['tasks', collection]]),
    schemas: new Map([['tasks', schema]]),
    // Nothing is read here.
    filters: new FilterCache({} as ConstructorParameters<typeof FilterCache>[0]),
    event: (event) => events.push(event),
  })
  return { rules, events }
}

test('a rule is asked once for the same claims, and again when they may have changed in place', () => {
  let asked = 0
  const { rules } = rulesOf(({ user }) => {
    asked++
    return filter.eq('owner', (user as { name: string }).name)
  })
  const claims = { name: 'alice' }
  expect(rules.rule('tasks', claims)).toEqual({ op: 'eq', column: 'owner', value: 'alice' })
  claims.name = 'bob'
  expect(rules.rule('tasks', claims)).toMatchObject({ value: 'alice' })
  expect(asked).toBe(1)
  rules.forget(claims)
  expect(rules.rule('tasks', claims)).toMatchObject({ value: 'bob' })
  expect(asked).toBe(2)
})

test('what is wrong with a rule is told to its author once for each set of claims, and lets nobody read', () => {
  const { rules, events } = rulesOf(() => {
    throw new Error('a bug')
  })
  const claims = {}
  for (let i = 0; i < 3; i++) expect(rules.rule('tasks', claims)).toMatchObject({ code: 'read-denied' })
  expect(events).toEqual([{ type: 'error', where: 'readFilter of "tasks"', error: new Error('a bug') }])
  expect(rules.rule('tasks', 'claims that are no object')).toMatchObject({ code: 'read-denied' })
})

test('a promise that is rejected later does not end the object', async () => {
  const { rules, events } = rulesOf(() => Promise.reject(new Error('later')))
  expect(rules.rule('tasks', {})).toMatchObject({ code: 'read-denied' })
  expect(events).toMatchObject([{ error: { code: 'read-filter-async' } }])
})

test.each([null, undefined, 5, 'owner', []])('%j is no rule', (said) => {
  const { rules, events } = rulesOf(() => said)
  expect(rules.rule('tasks', {})).toMatchObject({ code: 'read-denied' })
  expect(events).toMatchObject([{ error: { code: 'read-filter-invalid' } }])
})

test('without a rule everybody reads everything, and nothing is hidden', () => {
  const { rules } = rulesOf(undefined)
  expect(rules.rule('tasks', {})).toEqual({ op: 'always' })
  expect(rules.guards('tasks')).toBe(false)
  expect(rulesOf(() => true).rules.guards('tasks')).toBe(true)
})
