import type { SessionEvent, SessionState } from './session-state.ts'

/** An event that comes by itself. `hold`: a Node process stays alive for it, because it leads back to a connection. */
export interface Deadline {
  readonly event: Extract<SessionEvent['type'], 'lingered' | 'due' | 'timedOut' | 'stabilised' | 'overdue'>
  /** Milliseconds since 1970. */
  readonly at: number
  readonly waits: 'hold' | 'background'
}

/** Every timer of the session follows from its state, so none can be forgotten and none outlives what it was for. */
export function sessionDeadlines(state: SessionState): readonly Deadline[] {
  switch (state.is) {
    case 'idle':
    case 'parked':
    case 'needsAuth':
    case 'failed':
    case 'closed':
      return []
    case 'dialling':
    case 'greeting':
    case 'probing':
      return [{ event: 'timedOut', at: state.giveUpAt, waits: 'hold' }, ...linger(state), ...overdue(state)]
    case 'waiting':
      return [{ event: 'due', at: state.dueAt, waits: 'hold' }, ...linger(state), ...overdue(state)]
    case 'live':
      return state.stableAt === null
        ? linger(state)
        : [{ event: 'stabilised', at: state.stableAt, waits: 'background' }, ...linger(state)]
    default:
      return state satisfies never
  }
}

const linger = ({ memory: { need } }: SessionState): readonly Deadline[] =>
  need.is === 'lingering' ? [{ event: 'lingered', at: need.until, waits: 'background' }] : []

const overdue = ({ memory: { outage } }: SessionState): readonly Deadline[] =>
  outage?.is === 'brief' ? [{ event: 'overdue', at: outage.overdueAt, waits: 'background' }] : []
