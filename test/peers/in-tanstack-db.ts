import { createCollection } from '@tanstack/db'
import type { Row } from '../bench/row.ts'
import type { RowChange } from '../bench/row-collection.ts'
import type { BenchClient, Side } from '../bench/side.ts'

/**
 * A peer whose rows are shown by TanStack DB, as those of the product are: what the peer's store tells is written into a collection, and what is
 * written to the collection goes to the store, which confirms it at once.
 */
export function inTanStackDB(peer: Side): Side {
  return {
    ...peer,
    name: `${peer.name} in TanStack DB`,
    client: (...of) => shown(peer.client(...of)),
  }
}

interface Feed {
  readonly begin: () => void
  readonly write: (message: { type: 'update'; value: Row }) => void
  readonly commit: () => unknown
  readonly markReady: () => void
}

function shown(client: BenchClient): BenchClient {
  const { rows: store } = client
  const feeding = (feed: Feed) => (changes: readonly RowChange[]) => {
    feed.begin()
    for (const { value } of changes) feed.write({ type: 'update', value })
    feed.commit()
  }
  const rows = createCollection<Row, string>({
    getKey: ({ id }) => id,
    gcTime: 0,
    sync: {
      rowUpdateMode: 'full',
      sync: (feed) => {
        const { unsubscribe } = store.subscribeChanges(feeding(feed))
        void store.preload().then(feed.markReady)
        return unsubscribe
      },
    },
    onInsert: async ({ transaction }) => {
      store.insert(transaction.mutations.map(({ modified }) => modified))
    },
    onUpdate: async ({ transaction }) => {
      for (const { modified } of transaction.mutations)
        store.update(modified.id, (draft) => {
          draft.content = modified.content
        })
    },
  })
  return {
    ...client,
    rows,
    close: async () => {
      await client.close()
      await rows.cleanup()
    },
  }
}
