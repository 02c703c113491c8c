import type { ConnectionStatus } from '@durable-sync/core'

const unsentText = (unsent: number, unit: string) => `${unsent} unsent ${unit}${unsent === 1 ? '' : 's'}`

/** The connection in words that somebody who writes cares about. `unit` is what is written, in the singular. */
export function connectionWords(status: ConnectionStatus, unsent: number, unit: string): string {
  switch (status.state) {
    case 'connected':
      return 'Live'
    case 'reconnecting':
      return 'Reconnecting…'
    case 'disconnected':
      return unsent > 0 ? `Offline — ${unsentText(unsent, unit)}` : 'Offline'
    case 'needs-auth':
    case 'failed':
      return unsent > 0 ? `Stopped — ${unsentText(unsent, unit)}` : 'Stopped'
    case 'closed':
      return 'Closed'
    default:
      return 'Connecting…'
  }
}
