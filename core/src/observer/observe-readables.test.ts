import { expect, test } from 'vitest'
import type { StorageStatus } from '../client/storage-status.ts'
import type { ConnectionStatus } from '../status/connection-status.ts'
import { createReadable } from '../status/readable.ts'
import type { TabRole } from '../tabs/tabs.ts'
import type { Happening } from './observe.ts'
import { observeReadables } from './observe-readables.ts'

test('what another tab says again of the connection is told once', () => {
  const status = createReadable<ConnectionStatus>({ state: 'idle' })
  const tab = createReadable<TabRole>('follower')
  const storage = createReadable<StorageStatus>({ health: { is: 'idle' }, persisted: 'unknown' })
  const told: Happening[] = []
  observeReadables({ status, tab, storage, isClosed: () => false }, (happening) => void told.push(happening))
  for (const attempt of [1, 1, 2]) status.set({ state: 'connecting', attempt })
  status.set({ state: 'connecting', attempt: 2 })
  expect(told).toEqual(
    [1, 2].map((attempt) => ({ type: 'status', status: { state: 'connecting', attempt } })),
  )
})
