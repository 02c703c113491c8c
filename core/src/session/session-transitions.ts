import { ConnectionError } from '../errors.ts'
import { CloseCode } from '../wire/close-code.ts'
import { connectionCause, principalChanged } from './close-cause.ts'
import { broken, ended, goodbye, notOpened, probed, redial, refused } from './session-endings.ts'
import type {
  EventOf,
  In,
  SessionEvent,
  SessionState,
  SessionStep,
  StateName,
  StepContext,
} from './session-state.ts'
import { abandon, ask, dial, lose, outageOf, remember, stay, toIdle } from './session-steps.ts'

// biome-ignore format: one line, as in the table
const STATES = [
  'idle', 'dialling', 'probing', 'greeting', 'live', 'waiting', 'parked', 'needsAuth', 'failed', 'closed',
] as const satisfies readonly StateName[]

type Cell<S extends StateName, E extends SessionEvent['type']> = (
  state: In<S>,
  event: EventOf<E>,
  context: StepContext,
) => SessionStep
type Row<S extends readonly StateName[], E extends SessionEvent['type']> = {
  readonly [I in keyof S]: Cell<S[I], E>
}
/** A missing cell does not compile. */
type Table = { readonly [E in SessionEvent['type']]: Row<typeof STATES, E> }

type Move = (state: SessionState, event: SessionEvent, context: StepContext) => SessionStep

const ____: Move = stay

const go: Move = (state, _, context) => dial(state, context, { credentials: 'cached', effects: [] })

/** The first use, or the first after a pause. */
const begin: Move = (state, event, context) =>
  go(remember(state, { need: { is: 'wanted' } }).state, event, context)

const keep: Move = (state) =>
  state.memory.need.is === 'wanted' ? stay(state) : remember(state, { need: { is: 'wanted' } })

const linger: Move = (state, _, { now, timings }) =>
  remember(state, { need: { is: 'lingering', until: now + timings.lingerMs } })

const rest: Move = (state) => toIdle(state, abandon(state, 1000, 'idle'))

const end: Move = (state) => ({
  state: { is: 'closed', memory: state.memory },
  effects: abandon(state, 1000, 'closed'),
})

const doubt: Move = (state) => ({ state, effects: [{ type: 'doubt' }] })

const park: Move = (state, _, context) => ({
  state: {
    is: 'parked',
    memory: {
      ...state.memory,
      outage: outageOf(state, new ConnectionError('page-hidden', 'The page is not shown'), context),
    },
  },
  effects: abandon(state, 1000, 'parked'),
})

/** The time in the cache is no outage. */
const unpark: Move = (state, event, context) => {
  const { now, timings } = context
  const { outage } = state.memory
  const fresh = outage && { ...outage, is: 'brief' as const, overdueAt: now + timings.lostAfterMs }
  return go(remember(state, { wokeAt: now, outage: fresh }).state, event, context)
}

const note: Move = (state, _, { now }) => remember(state, { wokeAt: now })

const overdue: Move = (state) => {
  const { outage } = state.memory
  return outage ? remember(state, { outage: { ...outage, is: 'long' } }) : stay(state)
}

/** Not before `dueAt` is reached on a platform that says it is offline; but then it is tried, because `onLine` lies. */
const due: Cell<'waiting', 'due'> = (state, event, context) =>
  context.network === 'offline' && state.hold === 'none'
    ? {
        state: { ...state, hold: 'offline', dueAt: context.now + context.timings.offlineHoldMs },
        effects: [],
      }
    : go(state, event, context)

const sooner = (state: In<'waiting'>, at: number): SessionStep =>
  stay(at < state.dueAt || state.hold === 'offline' ? { ...state, hold: 'none', dueAt: at } : state)

const woken: Cell<'waiting', 'woke'> = (state, _, { now, random, timings }) =>
  sooner({ ...state, memory: { ...state.memory, wokeAt: now } }, now + random * timings.wokeWindowMs)

/** Jittered: the end of a regional outage is an event for everybody. */
const online: Cell<'waiting', 'online'> = (state, _, { now, random }) =>
  sooner(state, now + random * state.memory.windowMs)

const slow: Cell<'dialling', 'timedOut'> = (state, _, context) =>
  lose(state, context, {
    cause: new ConnectionError('unreachable', 'The transport did not answer'),
    effects: abandon(state, CloseCode.handshakeTimeout, 'dial timeout'),
  })

const mute: Cell<'greeting', 'timedOut'> = (state, _, context) =>
  lose(state, context, {
    cause: connectionCause(CloseCode.handshakeTimeout, 'no welcome in time'),
    effects: abandon(state, CloseCode.handshakeTimeout, 'no welcome in time'),
  })

const blind: Cell<'probing', 'timedOut'> = (state, _, context) => lose(state, context, { cause: state.cause })

const settle: Cell<'live', 'stabilised'> = (state) => ({
  state: { ...state, stableAt: null, memory: { ...state.memory, failures: 0, renewal: 'unused' } },
  effects: [],
})

const greet: Cell<'dialling', 'opened'> = ({ memory }, { socket }, { now, timings }) => ({
  state: { is: 'greeting', memory, giveUpAt: now + timings.handshakeMs },
  effects: [{ type: 'greet', socket }],
})

/** Nobody above hears of a welcome to another user: nothing of it is shown, and nothing that the first one wrote is sent under it. */
const enter: Cell<'greeting', 'welcomed'> = (state, { frame }, { now, timings }) => {
  const { principal, reconnectWindowMs: windowMs } = frame
  if (state.memory.principal !== null && state.memory.principal !== principal)
    return ask(
      state,
      principalChanged(state.memory.principal, principal),
      abandon(state, 1000, 'principal changed'),
    )
  return {
    state: {
      is: 'live',
      since: now,
      stableAt: now + timings.stableMs,
      memory: { ...state.memory, history: 'welcomed', principal, windowMs, outage: null },
    },
    effects: [{ type: 'welcome', frame }],
  }
}

const credit: Move = (state) => (state.memory.silences === 0 ? stay(state) : remember(state, { silences: 0 }))

/** Kept for the next socket. */
const take = (state: SessionState, { token }: EventOf<'resume'>): SessionStep =>
  token === undefined ? stay(state) : remember(state, { token })

const retry: Cell<'waiting', 'resume'> = (state, event, context) =>
  go(take(state, event).state, event, context)

const hand: Cell<'live', 'resume'> = (state, event) => {
  const { token } = event
  return token === undefined
    ? stay(state)
    : { ...take(state, event), effects: [{ type: 'authenticate', token }] }
}

/** Whatever a cache holds was refused, so new credentials are fetched, and a hidden refusal is looked for again. */
const revive = (state: SessionState, { token }: EventOf<'resume'>, context: StepContext): SessionStep => {
  const { memory } = remember(state, {
    token,
    failures: 0,
    renewal: 'unused',
    probe: 'unused',
    brokenAt: null,
  }).state
  if (memory.need.is === 'lingering') return toIdle({ is: 'idle', memory }, [])
  return dial({ is: 'idle', memory }, context, { credentials: 'renewed', effects: [] })
}

/** `____` changes nothing. `session-deadlines.ts` says what is due in a state. */
// biome-ignore format: the table is read by column
const TABLE: Table = {
  //           idle   dialling   probing  greeting  live     waiting  parked  needsAuth failed  closed
  want:       [begin, keep,      keep,    keep,     keep,    keep,    keep,   keep,     keep,   ____],
  unwant:     [____,  linger,    linger,  linger,   linger,  linger,  rest,   linger,   linger, ____],
  lingered:   [____,  rest,      rest,    rest,     rest,    rest,    ____,   ____,     ____,   ____],
  kick:       [____,  ____,      go,      ____,     doubt,   go,      go,     ____,     ____,   ____],
  resume:     [take,  take,      take,    take,     hand,    retry,   take,   revive,   revive, ____],
  close:      [end,   end,       end,     end,      end,     end,     end,    end,      end,    ____],
  due:        [____,  ____,      ____,    ____,     ____,    due,     ____,   ____,     ____,   ____],
  timedOut:   [____,  slow,      blind,   mute,     ____,    ____,    ____,   ____,     ____,   ____],
  stabilised: [____,  ____,      ____,    ____,     settle,  ____,    ____,   ____,     ____,   ____],
  overdue:    [____,  overdue,   overdue, overdue,  ____,    overdue, ____,   ____,     ____,   ____],
  woke:       [____,  note,      note,    note,     doubt,   woken,   unpark, ____,     ____,   ____],
  online:     [____,  ____,      ____,    ____,     doubt,   online,  ____,   ____,     ____,   ____],
  offline:    [____,  ____,      ____,    ____,     doubt,   ____,    ____,   ____,     ____,   ____],
  park:       [____,  park,      park,    park,     park,    park,    ____,   ____,     ____,   ____],
  unpark:     [____,  ____,      ____,    ____,     ____,    ____,    unpark, ____,     ____,   ____],
  opened:     [____,  greet,     ____,    ____,     ____,    ____,    ____,   ____,     ____,   ____],
  ended:      [____,  notOpened, ____,    ended,    ended,   ____,    ____,   ____,     ____,   ____],
  probed:     [____,  ____,      probed,  ____,     ____,    ____,    ____,   ____,     ____,   ____],
  welcomed:   [____,  ____,      ____,    enter,    ____,    ____,    ____,   ____,     ____,   ____],
  goodbye:    [____,  ____,      ____,    goodbye,  goodbye, ____,    ____,   ____,     ____,   ____],
  refused:    [____,  ____,      ____,    refused,  ____,    ____,    ____,   ____,     ____,   ____],
  broken:     [____,  ____,      ____,    broken,   broken,  ____,    ____,   ____,     ____,   ____],
  answered:   [____,  ____,      ____,    ____,     credit,  ____,    ____,   ____,     ____,   ____],
  redial:     [____,  ____,      ____,    redial,   redial,  ____,    ____,   ____,     ____,   ____],
}

/** One step of the session. What changes nothing returns the same state object. */
export function stepSession(state: SessionState, event: SessionEvent, context: StepContext): SessionStep {
  if ('socket' in event && event.socket !== state.memory.socket) return stay(state)
  const cell = TABLE[event.type][STATES.indexOf(state.is)] as Move
  return cell(state, event, context)
}
