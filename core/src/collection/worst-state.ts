import { type CollectionSyncState, IDLE } from '../status/collection-sync-state.ts'

const RANK: Readonly<Record<CollectionSyncState['phase'], number>> = {
  idle: 0,
  live: 1,
  stale: 2,
  loading: 3,
  error: 4,
}

/** What is true of all of them: a collection is live when every subset is. Without any, nobody uses it. */
export const worstOf = (states: readonly CollectionSyncState[]): CollectionSyncState =>
  states.reduce((worst, state) => (RANK[state.phase] > RANK[worst.phase] ? state : worst), IDLE)
