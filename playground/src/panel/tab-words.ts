import type { SyncClient } from '@durable-sync/core'

export type TabRole = ReturnType<SyncClient['tab']['get']>

const MEANINGS: Readonly<Record<TabRole, string>> = {
  leader: 'has the socket of all tabs',
  follower: 'another tab has the socket',
  alone: 'has a socket of its own',
}

/** What this tab is among the tabs of its person that show the same. */
export const tabMeaning = (role: TabRole): string => MEANINGS[role]
