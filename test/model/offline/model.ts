import { type EnvironmentAction, environment, type Possible } from './environment-steps.ts'
import { emptyStore } from './line.ts'
import { tidy } from './memory.ts'
import { canMount, mount, relayed } from './relay-steps.ts'
import type { Rules } from './rules.ts'
import type { Scenario } from './scenarios.ts'
import { servable, serve, sweepSockets } from './server-steps.ts'
import { connect, receive } from './socket-steps.ts'
import { closed, type Down, faults, type State, type TabIndex, tabs, type Up } from './state.ts'
import { compacted, flush, flushRest } from './storage-steps.ts'
import { lead, loaded, open, signOut, stopLeading } from './tab-steps.ts'
import { change, storeOf, type Turn } from './turn.ts'
import { vanished } from './visible.ts'
import { canMark, canPush, mark, push, sendUp, store } from './write-steps.ts'

/** What the system does by itself. A frame that reaches the server is a turn there. */
export type ProtocolAction =
  | {
      readonly do:
        | 'store'
        | 'lead'
        | 'stop leading'
        | 'connect'
        | 'mark'
        | 'push'
        | 'relayed'
        | 'flush'
        | 'flush the rest'
        | 'mount'
        | 'seen'
        | 'compacted'
        | 'loaded'
        | 'hear of the logout'
        | 'open, as no tab is'
      readonly tab: TabIndex
    }
  | { readonly do: 'retire'; readonly tab: TabIndex; readonly cid: number }
  | { readonly do: 'to tab'; readonly tab: TabIndex; readonly frame: Down['is'] }
  | {
      readonly do: 'to server' | 'to server, late'
      readonly tab: TabIndex
      readonly frame: Up['is']
      readonly cid: number
    }
  | { readonly do: 'lost'; readonly tab: TabIndex }
export type Action = EnvironmentAction | ProtocolAction

export const protocol = (t: Turn): Possible<ProtocolAction>[] => {
  const { s } = t
  const possible: Possible<ProtocolAction>[] = []
  const can = (action: ProtocolAction, run: (t: Turn) => void) => possible.push({ action, run })

  for (const tab of tabs) {
    const page = s.pages[tab]
    if (page.is === 'loading') can({ do: 'loaded', tab }, (t) => loaded(t, tab))
    if (page.is !== 'open') continue
    if (page.entries.some((entry) => !entry.stored)) can({ do: 'store', tab }, (t) => store(t, tab))
    if (s.loggedOut && page.user !== s.signedIn)
      can({ do: 'hear of the logout', tab }, (t) => signOut(t, tab))
    if (page.copy) can({ do: 'compacted', tab }, (t) => compacted(t, tab))
    if (page.inbox.length > 0) can({ do: 'relayed', tab }, (t) => relayed(t, tab))
    if (canMount(s, tab)) can({ do: 'mount', tab }, (t) => mount(t, tab))
    if (!page.leads) {
      const holder = s.locks[page.user]
      if (holder === null || s.pages[holder].is === 'frozen') can({ do: 'lead', tab }, (t) => lead(t, tab))
    } else leader(t, tab, can)
  }
  for (const [i, socket] of s.sockets.entries())
    for (const which of servable(t, socket)) {
      const frame = socket.up[which]
      if (!frame) continue
      const cid = 'cid' in frame ? frame.cid : 0
      const late = socket.held ? 'to server' : 'to server, late'
      can({ do: late, tab: socket.tab, frame: frame.is, cid }, (t) => serve(t, i, which))
    }
  for (const [i, socket] of s.sockets.entries())
    if (!socket.held)
      can({ do: 'lost', tab: socket.tab }, (t) => {
        t.s.sockets = t.s.sockets.filter((_, j) => j !== i)
      })
  if (s.pages.every((page) => page.is === 'closed' || page.is === 'signed out'))
    for (const tab of tabs)
      if (s.pages[tab].is === 'closed') {
        can({ do: 'open, as no tab is', tab }, (t) => open(t, tab))
        break
      }
  return possible
}

const leader = (
  t: Turn,
  tab: TabIndex,
  can: (action: ProtocolAction, run: (t: Turn) => void) => void,
): void => {
  const { s } = t
  const page = s.pages[tab]
  if (s.locks[page.user] !== tab) can({ do: 'stop leading', tab }, (t) => stopLeading(t, tab))
  if (page.half.length > 0) can({ do: 'flush the rest', tab }, (t) => flushRest(t, tab))
  else if (page.frames.length > 0) can({ do: 'flush', tab }, (t) => flush(t, tab))
  if (page.socket === 'none') can({ do: 'connect', tab }, (t) => connect(t, tab))
  const [frame] = s.sockets.find((socket) => socket.held && socket.tab === tab)?.down ?? []
  if (frame) can({ do: 'to tab', tab, frame: frame.is }, (t) => receive(t, tab))
  if (page.socket !== 'live') return
  if (t.rules.markedFirst && canMark(t, page)) can({ do: 'mark', tab }, (t) => mark(t, tab))
  if (canPush(t, page)) can({ do: 'push', tab }, (t) => push(t, tab))
  const [seen] = page.seen
  if (seen)
    can({ do: 'seen', tab }, (t) => {
      change(t, tab, { seen: page.seen.slice(1) })
      sendUp(t, tab, [{ is: 'seen', cid: seen.cid, n: seen.n }])
    })
  for (const cid of page.emptied) {
    const open = storeOf(t, page.user).outbox.some((entry) => entry.cid === cid)
    const alive = s.pages.some((other) => other.is !== 'closed' && other.cid === cid)
    const known = page.entries.some((entry) => entry.cid === cid)
    if (!open && !known && (!alive || !t.rules.retireNeedsLock))
      can({ do: 'retire', tab, cid }, (t) => {
        change(t, tab, { emptied: page.emptied.filter((each) => each !== cid) })
        sendUp(t, tab, [{ is: 'retire', cid }])
      })
  }
}

export interface Step {
  readonly action: Action
  readonly byItself: boolean
  readonly next: State
  /** The property that the step itself broke. */
  readonly broken: string | null
}
export interface Model {
  readonly rules: Readonly<Rules>
  readonly scenario: Scenario
  readonly initial: State
  readonly steps: (s: State) => Step[]
}

export const model = (rules: Readonly<Rules>, scenario: Scenario): Model => {
  const turn = (s: State): Turn => ({ s, rules, scenario, broken: null })
  const steps = (s: State): Step[] => {
    const out: Step[] = []
    const take = ({ action, run }: Possible<Action>, byItself: boolean) => {
      const t = turn({ ...s })
      run(t)
      sweepSockets(t)
      if (scenario.relays !== 'late') for (const tab of tabs) catchUp(t, tab)
      tidy(t)
      out.push({ action, byItself, next: t.s, broken: t.broken ?? vanished(s, t) })
    }
    const own = protocol(turn(s))
    // A browser that is closed or offline may stay so.
    const isIdle = own.every(({ action }) => action.do === 'connect' || action.do === 'open, as no tab is')
    for (const possible of own) take(possible, true)
    for (const possible of environment(turn(s), isIdle)) take(possible, false)
    return out
  }
  return { rules, scenario, initial: start(rules, scenario), steps }
}

const catchUp = (t: Turn, tab: TabIndex): void => {
  while (t.s.pages[tab].is === 'open' && t.s.pages[tab].inbox.length > 0) relayed(t, tab)
}

const start = (rules: Readonly<Rules>, scenario: Scenario): State => {
  const budget = Object.fromEntries(faults.map((fault) => [fault, scenario.budget[fault] ?? 0]))
  const page = (session: number) => ({
    ...closed,
    is: 'open' as const,
    session,
    cid: rules.numbers === 'of the page session' ? session : 1,
    next: 1,
    link: session * 10,
  })
  return {
    server: { journal: [], era: 0, day: 0 },
    sockets: [{ tab: 0, by: 0, held: true, at: 0, owns: [], up: [], down: [] }],
    stores: [emptyStore, emptyStore],
    unsynced: [],
    pages: [
      {
        ...page(1),
        leads: true,
        socket: 'live',
        serves: scenario.tabs === 2 ? { link: 20, since: 0, joined: true } : null,
      },
      scenario.tabs === 2 ? page(2) : closed,
    ],
    locks: [0, null],
    sessions: scenario.tabs,
    signedIn: 0,
    loggedOut: false,
    writes: [],
    executed: [],
    budget: budget as State['budget'],
  }
}
