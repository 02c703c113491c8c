import type { AuthError, ConnectionError, SyncError } from '../errors.ts'
import { backoffMs } from './backoff.ts'
import type {
  Memory,
  Outage,
  SessionEffect,
  SessionState,
  SessionStep,
  StepContext,
} from './session-state.ts'

/** Moves that many cells of the transition table share. */

export const stay = (state: SessionState): SessionStep => ({ state, effects: [] })

export const remember = (state: SessionState, change: Partial<Memory>): SessionStep => ({
  state: { ...state, memory: { ...state.memory, ...change } },
  effects: [],
})

/** What it takes to be without the current socket. */
export function abandon(state: SessionState, code: number, reason: string): readonly SessionEffect[] {
  const { socket } = state.memory
  const close: SessionEffect = { type: 'closeSocket', socket, code, reason }
  if (state.is === 'live') return [close, { type: 'lose' }]
  return state.is === 'dialling' || state.is === 'greeting' ? [close] : []
}

/** The same, when the socket is gone already. */
const mourn = (state: SessionState): readonly SessionEffect[] =>
  state.is === 'live' ? [{ type: 'lose' }] : []

export function dial(
  { memory }: SessionState,
  { now, timings }: StepContext,
  { credentials, effects }: { credentials: 'cached' | 'renewed'; effects: readonly SessionEffect[] },
): SessionStep {
  const socket = memory.socket + 1
  return {
    state: {
      is: 'dialling',
      giveUpAt: now + timings.dialMs,
      memory: { ...memory, socket, token: undefined },
    },
    effects: [...effects, { type: 'open', socket, credentials, token: memory.token }],
  }
}

export const toIdle = ({ memory }: SessionState, effects: readonly SessionEffect[]): SessionStep => ({
  state: { is: 'idle', memory: { ...memory, failures: 0, outage: null, silences: 0 } },
  effects,
})

/** The same outage goes on: only its cause is news. */
export const outageOf = (
  { memory }: SessionState,
  cause: SyncError,
  { now, timings }: StepContext,
): Outage =>
  memory.outage ? { ...memory.outage, cause } : { is: 'brief', cause, overdueAt: now + timings.lostAfterMs }

/** Counts a failure and schedules the next attempt. */
export function lose(
  state: SessionState,
  context: StepContext,
  {
    cause,
    floorMs = 0,
    effects = mourn(state),
  }: { cause: SyncError; floorMs?: number; effects?: readonly SessionEffect[] },
): SessionStep {
  const { memory } = state
  if (memory.need.is === 'lingering') return toIdle(state, effects)
  const { now, random, timings } = context
  const failures = memory.failures + 1
  const occasion = memory.wokeAt !== null && now - memory.wokeAt < timings.wokeForMs ? 'woke' : 'loss'
  const wait = backoffMs({ failures, windowMs: memory.windowMs, occasion, floorMs, random }, timings)
  return {
    state: {
      is: 'waiting',
      dueAt: now + wait,
      hold: 'none',
      memory: { ...memory, failures, outage: outageOf(state, cause, context) },
    },
    effects,
  }
}

/** Counts a failure and dials without waiting. */
export function dialAgain(
  state: SessionState,
  context: StepContext,
  {
    cause,
    credentials,
    effects,
  }: { cause: SyncError; credentials: 'cached' | 'renewed'; effects: readonly SessionEffect[] },
): SessionStep {
  if (state.memory.need.is === 'lingering') return toIdle(state, effects)
  const memory = {
    ...state.memory,
    failures: state.memory.failures + 1,
    outage: outageOf(state, cause, context),
  }
  return dial({ is: 'idle', memory }, context, { credentials, effects })
}

export const ask = (state: SessionState, cause: AuthError, effects = mourn(state)): SessionStep => ({
  state: { is: 'needsAuth', cause, memory: { ...state.memory, outage: null } },
  effects,
})

export const stop = (state: SessionState, cause: SyncError, effects = mourn(state)): SessionStep => ({
  state: { is: 'failed', cause, memory: { ...state.memory, outage: null } },
  effects,
})

/** The credentials were refused: the first time new ones are fetched at once, the second time the application has to act. */
export function renew(
  state: SessionState,
  context: StepContext,
  { cause, effects = mourn(state) }: { cause: AuthError; effects?: readonly SessionEffect[] },
): SessionStep {
  if (state.memory.renewal === 'used') return ask(state, cause, effects)
  // The request that looks for a hidden 401 may be repeated with the new credentials.
  const { state: renewing } = remember(state, { renewal: 'used', probe: 'unused' })
  return dialAgain(renewing, context, { cause, credentials: 'renewed', effects })
}

export const probe = (
  { memory }: SessionState,
  cause: ConnectionError,
  { now, timings }: StepContext,
): SessionStep => ({
  state: { is: 'probing', giveUpAt: now + timings.probeMs, cause, memory: { ...memory, probe: 'used' } },
  effects: [{ type: 'probe', socket: memory.socket }],
})
