import type { ConnectionStatus } from '@durable-sync/core'

const waiting = (unsent: number) => `${unsent} ${unsent === 1 ? 'message' : 'messages'} waiting`

/** The connection in words that somebody who writes messages cares about. */
export function connectionWords(status: ConnectionStatus, unsent: number): string {
  switch (status.state) {
    case 'connected':
      return 'Live'
    case 'reconnecting':
      return 'Reconnecting…'
    case 'disconnected':
      return unsent > 0 ? `Offline — ${waiting(unsent)}` : 'Offline'
    case 'needs-auth':
    case 'failed':
      return unsent > 0 ? `Stopped — ${waiting(unsent)}` : 'Stopped'
    case 'closed':
      return 'Closed'
    default:
      return 'Connecting…'
  }
}
