import {
  createSync,
  doCollectionOptions,
  type FlushSummary,
  type LogoutOptions,
  type Readable,
  type StorageStatus,
  type SyncClient,
} from '@durable-sync/core'
import { describe, expectTypeOf, test } from 'vitest'
import type { FixtureApi } from '../worker/registry.ts'
import type { Note } from '../worker/rows.ts'

// The assertions of this file are made by the compiler (`npm run check`): a claim that no longer holds does not compile.

/** The body is for the compiler. */
const onlyCompiled = (_body: () => void) => {}

describe('createSync', () => {
  const sync = createSync<FixtureApi>({ url: '/sync' })

  test('types its rooms by the contract of the server', () => {
    expectTypeOf(sync.room('a')).toEqualTypeOf<SyncClient<FixtureApi>>()
    const notes = doCollectionOptions({ client: sync.room('a'), table: 'notes' })
    expectTypeOf(notes.getKey).parameter(0).toEqualTypeOf<Note>()
    onlyCompiled(() => {
      // @ts-expect-error the contract has no such table
      doCollectionOptions({ client: sync.room('a'), table: 'nope' })
      // @ts-expect-error the contract has no such command
      sync.room('a').call.nope()
    })
  })

  test('says what it counts, keeps and sends', () => {
    expectTypeOf(sync.pendingWrites.get().rooms).toEqualTypeOf<Readonly<Record<string, number>>>()
    expectTypeOf(sync.failedWrites.get().items[0]?.room).toEqualTypeOf<string | undefined>()
    expectTypeOf(sync.flush).returns.toEqualTypeOf<Promise<FlushSummary>>()
    expectTypeOf(sync.storage).toExtend<Readable<StorageStatus>>()
    expectTypeOf(sync.logout).parameter(0).toEqualTypeOf<LogoutOptions | undefined>()
    expectTypeOf(sync.retain('a')).toEqualTypeOf<() => void>()
  })

  test('tells apart what a stored write may be', () => {
    createSync({
      url: '/sync',
      migrateMutation: (mutation, from) => {
        expectTypeOf(from).toEqualTypeOf<number>()
        if ('command' in mutation) {
          expectTypeOf(mutation.command).toEqualTypeOf<string>()
          return mutation
        }
        return { ops: mutation.ops.map((op) => ({ ...op, values: { ...op.values, done: false } })) }
      },
    })
    onlyCompiled(() => {
      // @ts-expect-error it says neither operations nor a command
      createSync({ url: '/sync', migrateMutation: () => ({}) })
      // @ts-expect-error the time after which a socket closes is `unusedAfterMs`
      createSync({ url: '/sync', timings: { lingerMs: 1 } })
    })
  })
})
