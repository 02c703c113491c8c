import type {
  EventOf,
  In,
  LeadershipEffect,
  LeadershipEvent,
  LeadershipState,
  LeadershipStep,
  StateName,
  Stay,
  StepContext,
} from './leadership-state.ts'

// biome-ignore format: one line, as in the table
const STATES = [
  'idle', 'alone', 'waiting', 'insisting', 'stealing', 'leading', 'frozen', 'cached', 'stopped',
] as const satisfies readonly StateName[]

type Cell<S extends StateName, E extends LeadershipEvent['type']> = (
  state: In<S>,
  event: EventOf<E>,
  context: StepContext,
) => LeadershipStep
type Row<S extends readonly StateName[], E extends LeadershipEvent['type']> = {
  readonly [I in keyof S]: Cell<S[I], E>
}
/** A missing cell does not compile. */
type Table = { readonly [E in LeadershipEvent['type']]: Row<typeof STATES, E> }

type Move = (state: LeadershipState, event: LeadershipEvent, context: StepContext) => LeadershipStep

/** A timer that fires later than this says that the page slept, and the heartbeats it missed may be waiting behind it. */
const LATE_MS = 1000

const ____: Move = (state) => ({ state, effects: [] })

const watch = ({ now, page, timings }: StepContext): number | null =>
  page === 'visible' ? now + timings.silenceMs : null

/** Into the queue, with a new request. */
const queue = (
  state: LeadershipState,
  context: StepContext,
  effects: readonly LeadershipEffect[] = [],
): LeadershipStep => {
  const request = state.request + 1
  return {
    state: { is: 'waiting', request, silentAt: watch(context) },
    effects: [...effects, { type: 'request', request, how: 'queue' }],
  }
}

const letGo = ({ request }: LeadershipState): LeadershipEffect => ({ type: 'release', request })

const enter: Move = (state, _, context) => queue(state, context)

const yieldLead: Move = (state, _, context) => queue(state, context, [letGo(state)])

const rest =
  (is: 'alone' | 'frozen' | 'cached' | 'stopped', how: 'holding' | 'free'): Move =>
  (state) => ({ state: { is, request: state.request }, effects: how === 'holding' ? [letGo(state)] : [] })

const alone = rest('alone', 'free')
const giveUp = rest('alone', 'holding')
const freeze = rest('frozen', 'holding')
const leave = rest('cached', 'holding')
const sink = rest('cached', 'free')
const stop = rest('stopped', 'free')
const quit = rest('stopped', 'holding')

const stayOf = ({ now, page, timings }: StepContext): Stay =>
  page === 'visible' ? { is: 'wanted' } : { is: 'tolerated', until: now + timings.handOverMs }

const lead: Move = ({ request }, _, context) => ({
  state: {
    is: 'leading',
    request,
    term: { id: context.freshId, since: context.now },
    beatAt: context.now + context.timings.beatMs,
    stay: stayOf(context),
  },
  effects: [],
})

/** The leader lives, or is given the time of one heartbeat to show it. */
const calm = ({ request }: LeadershipState, silentAt: number | null): LeadershipStep => ({
  state: { is: 'waiting', request, silentAt },
  effects: [],
})

const heard: Move = (state, _, context) => calm(state, watch(context))

const regard: Move = (state, _, context) => calm(state, watch(context))

const relent: Move = (state) => calm(state, null)

const insist = (state: LeadershipState, { now, random, timings }: StepContext): LeadershipStep => {
  const request = state.request + 1
  return {
    state: { is: 'insisting', request, stealAt: now + timings.stealMs + random * timings.stealSpreadMs },
    effects: [letGo(state), { type: 'request', request, how: 'queue' }, { type: 'forsake' }],
  }
}

const suspect: Cell<'waiting', 'silent'> = (state, _, context) => {
  const { now, timings } = context
  const late = state.silentAt !== null && now - state.silentAt > LATE_MS
  return late ? calm(state, now + timings.beatMs) : insist(state, context)
}

const persist: Move = (state, _, context) => insist(state, context)

const take = (state: LeadershipState, { now, timings }: StepContext): LeadershipStep => {
  const request = state.request + 1
  return {
    state: { is: 'stealing', request, silentAt: now + timings.silenceMs },
    effects: [letGo(state), { type: 'request', request, how: 'steal' }],
  }
}

const steal: Cell<'insisting', 'stealDue'> = (state, _, context) =>
  context.now - state.stealAt > LATE_MS
    ? calm(state, context.now + context.timings.beatMs)
    : take(state, context)

/** Others may stand before it in the queue, and they are hidden. The leader goes on until it is thrown out. */
const accept: Move = (state, event, context) =>
  context.page === 'visible' ? take(state, context) : ____(state, event, context)

const beat: Cell<'leading', 'beatDue'> = (state, _, { now, timings }) => ({
  state: { ...state, beatAt: now + timings.beatMs },
  effects: [{ type: 'beat' }],
})

const stay = (state: In<'leading'>, _: LeadershipEvent, context: StepContext): LeadershipStep => ({
  state: { ...state, stay: stayOf(context) },
  effects: [],
})

/** An heir that does not come is asked again, or another is. */
const handOver = (
  state: In<'leading'>,
  _: LeadershipEvent,
  { now, heir, timings }: StepContext,
): LeadershipStep =>
  heir === undefined
    ? { state: { ...state, stay: { is: 'overstayed' } }, effects: [] }
    : {
        state: { ...state, stay: { is: 'tolerated', until: now + timings.handOverMs } },
        effects: [{ type: 'invite', tab: heir }],
      }

const atLast: Cell<'leading', 'heirShown'> = (state, event, context) =>
  state.stay.is === 'overstayed' ? handOver(state, event, context) : ____(state, event, context)

/** `____` changes nothing. `leadership-deadlines.ts` says what is due in a state. */
// biome-ignore format: the table is read by column
const TABLE: Table = {
  //           idle   alone waiting  insisting stealing leading    frozen  cached stopped
  start:      [enter, ____, ____,    ____,     ____,    ____,      ____,   ____,  ____],
  stop:       [stop,  stop, quit,    quit,     quit,    quit,      stop,   stop,  ____],
  forgo:      [alone, ____, giveUp,  giveUp,   giveUp,  giveUp,    alone,  alone, ____],
  granted:    [____,  ____, lead,    lead,     lead,    ____,      ____,   ____,  ____],
  lost:       [____,  ____, ____,    ____,     ____,    enter,     ____,   ____,  ____],
  failed:     [____,  ____, alone,   alone,    alone,   ____,      ____,   ____,  ____],
  silent:     [____,  ____, suspect, ____,     persist, ____,      ____,   ____,  ____],
  stealDue:   [____,  ____, ____,    steal,    ____,    ____,      ____,   ____,  ____],
  beatDue:    [____,  ____, ____,    ____,     ____,    beat,      ____,   ____,  ____],
  overstay:   [____,  ____, ____,    ____,     ____,    handOver,  ____,   ____,  ____],
  heard:      [____,  ____, heard,   heard,    ____,    ____,      ____,   ____,  ____],
  outranked:  [____,  ____, ____,    ____,     ____,    yieldLead, ____,   ____,  ____],
  invited:    [____,  ____, accept,  accept,   ____,    ____,      ____,   ____,  ____],
  heirShown:  [____,  ____, ____,    ____,     ____,    atLast,    ____,   ____,  ____],
  shown:      [____,  ____, regard,  ____,     ____,    stay,      enter,  ____,  ____],
  hid:        [____,  ____, regard,  relent,   ____,    stay,      ____,   ____,  ____],
  froze:      [____,  ____, freeze,  freeze,   freeze,  freeze,    ____,   ____,  ____],
  thawed:     [____,  ____, ____,    ____,     ____,    ____,      enter,  ____,  ____],
  left:       [____,  ____, leave,   leave,    leave,   leave,     sink,   ____,  ____],
  returned:   [____,  ____, ____,    ____,     ____,    ____,      enter,  enter, ____],
}

/** One step. What changes nothing returns the same state object. */
export function stepLeadership(
  state: LeadershipState,
  event: LeadershipEvent,
  context: StepContext,
): LeadershipStep {
  if ('request' in event && event.request !== state.request) return { state, effects: [] }
  const cell = TABLE[event.type][STATES.indexOf(state.is)] as Move
  return cell(state, event, context)
}
