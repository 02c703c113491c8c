import type { StorageStatus } from '../client/storage-status.ts'
import type { ConnectionStatus } from '../status/connection-status.ts'
import type { Readable } from '../status/readable.ts'
import type { TabRole } from '../tabs/tabs.ts'
import type { Observe } from './observe.ts'

export interface Readables {
  readonly status: Readable<ConnectionStatus>
  readonly tab: Readable<TabRole>
  readonly storage: Readable<StorageStatus>
}

/** What everybody can read of a client, as events, until it is closed. */
export function observeReadables({ status, tab, storage }: Readables, observe: Observe): void {
  const cancels = [
    tab.subscribe(() => observe({ type: 'tab', role: tab.get() })),
    storage.subscribe(() => observe({ type: 'storage', status: storage.get() })),
    status.subscribe(() => {
      const now = status.get()
      observe({ type: 'status', status: now })
      // The storage outlives it.
      if (now.state === 'closed') for (const cancel of cancels) cancel()
    }),
  ]
}
