import type { ConnectionStatus } from '../status/connection-status.ts'
import { CloseCode } from '../wire/close-code.ts'
import { connectionCause } from './close-cause.ts'
import type { SessionState } from './session-state.ts'

/** So many sockets in a row without an answer make "connected" a lie. */
const SILENCES = 2

/** What the application is told about a state. */
export function connectionStatusOf(state: SessionState): ConnectionStatus {
  const { failures, outage, silences, history } = state.memory
  const attempt = failures + 1
  switch (state.is) {
    case 'idle':
      return { state: 'idle' }
    case 'live':
      if (silences < SILENCES) return { state: 'connected', since: state.since }
      return {
        state: 'disconnected',
        attempt,
        cause: connectionCause(CloseCode.silence, 'the server does not answer'),
      }
    case 'dialling':
    case 'probing':
    case 'greeting':
    case 'waiting':
    case 'parked':
      if (outage?.is === 'long') return { state: 'disconnected', attempt, cause: outage.cause }
      if (outage === null || history === 'new') return { state: 'connecting', attempt }
      return { state: 'reconnecting', attempt, cause: outage.cause }
    case 'needsAuth':
      return { state: 'needs-auth', cause: state.cause }
    case 'failed':
      return { state: 'failed', cause: state.cause }
    case 'closed':
      return { state: 'closed' }
    default:
      return state satisfies never
  }
}

/** Whether an application could tell the two apart. */
export const sameStatus = (a: ConnectionStatus, b: ConnectionStatus): boolean =>
  a.state === b.state &&
  attemptOf(a) === attemptOf(b) &&
  ('since' in a ? a.since : 0) === ('since' in b ? b.since : 0) &&
  codeOf(a) === codeOf(b)

const attemptOf = (status: ConnectionStatus): number => ('attempt' in status ? status.attempt : 0)
const codeOf = (status: ConnectionStatus): string => ('cause' in status ? status.cause.code : '')
