import type { StorageStatus } from '../client/storage-status.ts'
import { sameStatus } from '../session/connection-status-of.ts'
import type { ConnectionStatus } from '../status/connection-status.ts'
import type { Readable } from '../status/readable.ts'
import type { TabRole } from '../tabs/tabs.ts'
import type { Observe } from './observe.ts'

export interface Readables {
  readonly status: Readable<ConnectionStatus>
  readonly tab: Readable<TabRole>
  readonly storage: Readable<StorageStatus>
  readonly isClosed: () => boolean
}

/** What everybody can read of a client, as events, until it is closed. */
export function observeReadables({ status, tab, storage, isClosed }: Readables, observe: Observe): void {
  let last = status.get()
  const cancels = [
    tab.subscribe(() => observe({ type: 'tab', role: tab.get() })),
    storage.subscribe(() => observe({ type: 'storage', status: storage.get() })),
    status.subscribe(() => {
      const now = status.get()
      // Another tab may say the same again.
      if (sameStatus(now, last)) return
      last = now
      observe({ type: 'status', status: now })
      // The storage outlives it. What a follower hears of the tab that leads may say the same, and is not the end.
      if (now.state === 'closed' && isClosed()) for (const cancel of cancels) cancel()
    }),
  ]
}
