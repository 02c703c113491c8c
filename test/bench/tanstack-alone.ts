import { createCollection } from '@tanstack/db'
import type { Row } from './row.ts'
import type { BenchClient, Side } from './side.ts'

/** The name of the side. */
export const ALONE = 'TanStack DB alone'

interface Feed {
  readonly begin: () => void
  readonly write: (message: { type: 'update'; value: Row }) => void
  readonly commit: () => unknown
}

/**
 * A floor without any server: what TanStack DB takes where everything that is written is confirmed at once, and everybody hears of it in
 * the same process. What one tick writes is confirmed together.
 */
export function tanstackAlone(): Side {
  const rooms = new Map<string, Set<Feed>>()
  return {
    name: ALONE,
    client: (room) => {
      const feeds = rooms.get(room) ?? new Set()
      rooms.set(room, feeds)
      return aloneClient(feeds)
    },
    control: () => Promise.reject(new Error('there is no room without a server')),
  }
}

const NO_TRAFFIC = { up: 0, down: 0 }

function aloneClient(feeds: Set<Feed>): BenchClient {
  let unsent: { readonly rows: Row[]; readonly confirmed: Promise<void> } | undefined
  const apply = () => {
    const rows = unsent?.rows ?? []
    unsent = undefined
    for (const { begin, write, commit } of feeds) {
      begin()
      for (const value of rows) write({ type: 'update', value })
      commit()
    }
  }
  const store = (written: readonly { readonly modified: Row }[]) => {
    unsent ??= { rows: [], confirmed: Promise.resolve().then(apply) }
    for (const { modified } of written) unsent.rows.push(modified)
    return unsent.confirmed
  }
  let own: Feed | undefined
  const rows = createCollection<Row, string>({
    getKey: ({ id }) => id,
    gcTime: 0,
    sync: {
      rowUpdateMode: 'full',
      sync: (surface) => {
        own = surface
        feeds.add(surface)
        surface.markReady()
      },
    },
    onInsert: ({ transaction }) => store(transaction.mutations),
    onUpdate: ({ transaction }) => store(transaction.mutations),
  })
  return {
    rows,
    traffic: () => NO_TRAFFIC,
    leave: async () => {},
    comeBack: () => {},
    close: async () => {
      if (own) feeds.delete(own)
      await rows.cleanup()
    },
  }
}
