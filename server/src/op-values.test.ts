import { DEFAULT_LIMITS } from '@durable-sync/core/wire'
import { expect, test } from 'vitest'
import { decodeOp } from './op-values.ts'
import { Rejection } from './rejection.ts'
import type { TableSchema } from './table-schema.ts'

const SCHEMA = { name: 'notes', key: 'id', columns: [] as unknown } as TableSchema

/** A push says the name once for thousands of writes, and each of them is answered and stored. */
test('the rejection of a column that there is not says the start of a long name', () => {
  const messageOf = (name: string) => {
    try {
      decodeOp({ collection: 'notes', type: 'update', key: 'k', cols: { [name]: 1 } }, SCHEMA, DEFAULT_LIMITS)
    } catch (error) {
      return error instanceof Rejection ? error.message : error
    }
    return undefined
  }
  expect(messageOf('text')).toBe('"notes" has no column "text"')
  expect(messageOf('x'.repeat(100_000))).toBe(`"notes" has no column "${'x'.repeat(256)}"`)
})
