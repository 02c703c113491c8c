import type { ColumnKind, Limits, SyncApi } from '@durable-sync/core/wire'
import { SyncRegistry } from '@durable-sync/server'
import type { FixtureEnv } from './env.ts'
import type { Claims } from './rows.ts'

/** What a test may have registered in the place of the fixture's own tables. */
export interface Registration {
  /** Absent: what every room offers. */
  readonly collections?: readonly {
    readonly table: string
    readonly pk: string
    readonly kinds?: Readonly<Record<string, ColumnKind>>
    /** Columns that may be inserted and updated. Absent: the collection can only be read. */
    readonly writable?: readonly string[]
  }[]
  readonly limits?: Partial<Limits>
  readonly retentionMs?: number
}

type Registry = SyncRegistry<Claims, FixtureEnv, Record<string, { id: string }>, SyncApi>

/** A registry of tables that are known only at run time. */
export function registryOf(collections: NonNullable<Registration['collections']>): Registry {
  const registry: Registry = new SyncRegistry()
  // The key's name is a type elsewhere; here it is data.
  for (const { table, pk, kinds, writable } of collections) {
    registry.defineCollection({ table, pk: pk as 'id', ...(kinds ? { columns: kinds as never } : {}) })
    if (!writable) continue
    registry.defineMutation({ collection: table, type: 'insert', writable: writable as never })
    registry.defineMutation({ collection: table, type: 'update', writable: writable as never })
    registry.defineMutation({ collection: table, type: 'delete' })
  }
  return registry
}
