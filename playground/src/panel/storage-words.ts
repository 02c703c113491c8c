import type { StorageHealth } from '@durable-sync/core'

/** How well this device keeps what is written here, in words for whoever writes. */
export function storageWords(health: StorageHealth): string {
  switch (health.is) {
    case 'idle':
      return 'not used yet'
    case 'durable':
      return 'kept on this device'
    case 'full':
      return 'full'
    case 'memory':
      return `in this tab only (${health.why})`
    case 'closed':
      return health.why === 'purged' ? 'forgotten' : 'closed'
  }
}
