import type { LeadershipEvent, LeadershipState } from './leadership-state.ts'

/** An event that comes by itself. */
export interface Deadline {
  readonly event: Extract<LeadershipEvent['type'], 'silent' | 'stealDue' | 'beatDue' | 'overstay'>
  /** Milliseconds since 1970. */
  readonly at: number
}

/** Every timer follows from the state, so none can be forgotten and none outlives what it was for. */
export function leadershipDeadlines(state: LeadershipState): readonly Deadline[] {
  switch (state.is) {
    case 'idle':
    case 'alone':
    case 'frozen':
    case 'cached':
    case 'stopped':
      return []
    case 'waiting':
      return state.silentAt === null ? [] : [{ event: 'silent', at: state.silentAt }]
    case 'insisting':
      return [{ event: 'stealDue', at: state.stealAt }]
    case 'stealing':
      return [{ event: 'silent', at: state.silentAt }]
    case 'leading':
      return [
        { event: 'beatDue', at: state.beatAt },
        ...(state.stay.is === 'tolerated' ? [{ event: 'overstay' as const, at: state.stay.until }] : []),
      ]
    default:
      return state satisfies never
  }
}
