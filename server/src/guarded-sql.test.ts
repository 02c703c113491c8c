import { expect, test } from 'vitest'
import { storageBinding } from './guarded-sql.ts'

test('a column that a write left out and a handler binds is told as such', () => {
  const cols: { content?: string } = {}
  expect(() => storageBinding(cols.content)).toThrow(/bind null.*op\.cols.*left out/)
})
