import { AuthError, ConnectionError } from '../errors.ts'
import { CloseCode, closeAction } from '../wire/close-code.ts'
import { connectionCause, forbidden, stopCause, unauthorized } from './close-cause.ts'
import type { EventOf, In, SessionEffect, SessionState, SessionStep, StepContext } from './session-state.ts'
import { abandon, ask, dialAgain, lose, probe, renew, stop } from './session-steps.ts'

/** What the end of a socket means, however it became known. */

interface Ending {
  readonly code: number
  readonly said: string
  readonly floorMs: number
  /** Given when the socket is still there. */
  readonly effects?: readonly SessionEffect[]
}

function closedWith(
  state: SessionState,
  context: StepContext,
  { code, said, floorMs, ...rest }: Ending,
): SessionStep {
  const action = closeAction(code)
  switch (action) {
    case 'retry':
      return lose(state, context, { cause: connectionCause(code, said), floorMs, ...rest })
    case 'renew':
      return renew(state, context, { cause: unauthorized(said), ...rest })
    case 'ask':
      return ask(state, forbidden(said), rest.effects)
    case 'stop':
      return stop(state, stopCause(code, said), rest.effects)
    default:
      return action satisfies never
  }
}

/** The end of a socket that was open. */
export function ended(state: SessionState, { end }: EventOf<'ended'>, context: StepContext): SessionStep {
  switch (end.is) {
    case 'closed':
      return closedWith(state, context, { code: end.code, said: end.reason, floorMs: 0 })
    case 'unreachable':
    case 'unprepared':
      return lose(state, context, { cause: end.cause })
    case 'logged-out':
      return ask(state, new AuthError('logged-out', 'getToken() says that nobody is logged in'))
    case 'unusable':
      return stop(state, end.cause)
    default:
      return end satisfies never
  }
}

/** The end of a socket that did not get as far as open. */
export function notOpened(state: In<'dialling'>, event: EventOf<'ended'>, context: StepContext): SessionStep {
  const { history, probe: probed } = state.memory
  const unexplained = event.end.is === 'unreachable' && history === 'new' && probed === 'unused'
  return unexplained ? probe(state, event.end.cause, context) : ended(state, event, context)
}

/** 426 and everything else only say that there is a server, or none. */
export function probed(
  state: In<'probing'>,
  { status }: EventOf<'probed'>,
  context: StepContext,
): SessionStep {
  if (status === 401)
    return renew(state, context, { cause: unauthorized('The server answered 401 to the upgrade') })
  if (status === 403) return ask(state, forbidden('The server answered 403 to the upgrade'))
  return lose(state, context, { cause: state.cause })
}

/** Acted on at once, before the close that follows: close codes get lost, and some take seconds to arrive. */
export const goodbye = (
  state: SessionState,
  { code, message, retryAfterMs }: EventOf<'goodbye'>,
  context: StepContext,
): SessionStep =>
  closedWith(state, context, {
    code,
    said: message,
    floorMs: retryAfterMs,
    effects: abandon(state, 1000, 'goodbye'),
  })

/** Instead of a welcome. */
export function refused(
  state: In<'greeting'>,
  { cause }: EventOf<'refused'>,
  context: StepContext,
): SessionStep {
  const effects = abandon(state, 1000, 'refused')
  return cause instanceof ConnectionError
    ? lose(state, context, { cause, effects })
    : stop(state, cause, effects)
}

/** A frame that is none: once it may be an accident of the way, twice it is a bug or another version. */
export function broken(
  state: In<'greeting' | 'live'>,
  { cause }: EventOf<'broken'>,
  context: StepContext,
): SessionStep {
  const { brokenAt } = state.memory
  const effects = abandon(state, CloseCode.gap, 'frame-invalid')
  if (brokenAt !== null && context.now - brokenAt < context.timings.brokenAgainMs)
    return stop(state, cause, effects)
  const marked = { ...state, memory: { ...state.memory, brokenAt: context.now } }
  return giveUp(marked, context, cause, effects)
}

export function redial(
  state: In<'greeting' | 'live'>,
  { code, reason }: EventOf<'redial'>,
  context: StepContext,
): SessionStep {
  const silences = code === CloseCode.silence ? state.memory.silences + 1 : state.memory.silences
  const counted = { ...state, memory: { ...state.memory, silences } }
  return giveUp(counted, context, connectionCause(code, reason), abandon(state, code, reason))
}

/** Our own decision, so no herd: at once, unless the attempt before failed as well. */
const giveUp = (
  state: SessionState,
  context: StepContext,
  cause: ConnectionError | ReturnType<typeof stopCause>,
  effects: readonly SessionEffect[],
): SessionStep =>
  state.memory.failures === 0
    ? dialAgain(state, context, { cause, credentials: 'cached', effects })
    : lose(state, context, { cause, effects })
