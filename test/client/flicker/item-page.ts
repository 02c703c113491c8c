import { doCollectionOptions, SyncClient } from '@durable-sync/core'
import { FakeEnvironment } from '../../../core/src/session/testing/fake-environment.ts'
import type { TanStack } from '../tanstack-versions.ts'
import type { ItemRow } from './item-row.ts'
import type { MemoryObject } from './memory-object.ts'
import { Pipe } from './pipe.ts'
import type { SlowDevice } from './slow-device.ts'

export interface ItemApi {
  readonly collections: { readonly items: { readonly row: ItemRow; readonly key: 'id' } }
  readonly commands: Record<never, never>
}

export interface PageOptions {
  readonly object: MemoryObject
  readonly device: SlowDevice
  readonly db: TanStack
  readonly settleOn: 'device' | 'server'
}

const TIMINGS = { firstWindowMs: 10, backoffBaseMs: 10, backoffCapMs: 100, lingerMs: 50 }
let ids = 0

/** One page of the application: a client, its collections, and its way to the object. */
export class ItemPage {
  readonly pipe: Pipe
  readonly client: SyncClient<ItemApi>
  readonly environment = new FakeEnvironment()
  /** By name. Collections can be written to. */
  readonly collections
  readonly queries
  readonly #options: PageOptions

  constructor(options: PageOptions) {
    const { object, device, db, settleOn } = options
    this.#options = options
    this.pipe = new Pipe(object)
    const { environment } = this
    const client = new SyncClient<ItemApi>({
      transport: this.pipe,
      storage: device.storage(this),
      settleOn,
      keptAs: { endpoint: 'test', room: 'room' },
      timings: TIMINGS,
      // Ids are for ever, and each page has an environment of its own.
      environment: { ...environment, randomId: () => `id-${++ids}` },
    })
    this.client = client
    const { createCollection, createLiveQueryCollection, eq } = db
    const items = (more: { where?: { list: string }; syncMode?: 'on-demand' } = {}) =>
      createCollection(doCollectionOptions({ client, table: 'items', ...more }))
    const all = items()
    const again = items()
    const listed = items({ where: { list: 'a' } })
    const asked = items({ syncMode: 'on-demand' })
    this.collections = { all, again, listed, asked }
    const inA = (from: typeof all) =>
      createLiveQueryCollection({
        query: (q) => q.from({ item: from }).where(({ item }) => eq(item.list, 'a')),
      })
    this.queries = { 'all in a': () => inA(all), 'asked in a': () => inA(asked) }
  }

  /** What the application has not asked for by itself. */
  get errors(): readonly unknown[] {
    return this.environment.errors
  }

  transaction(mutate: () => void) {
    const { client } = this
    const tx = this.#options.db.createTransaction({ mutationFn: client.mutationFn, autoCommit: false })
    tx.isPersisted.promise.catch(() => {})
    tx.mutate(mutate)
    return tx
  }
}
