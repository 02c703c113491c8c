import { connect, receive } from './client-steps.ts'
import { type EnvironmentAction, environment, type Possible } from './environment-steps.ts'
import { noRows, type Turn } from './log.ts'
import type { Rules } from './rules.ts'
import type { Scenario } from './scenarios.ts'
import {
  execute,
  finishJoin,
  flush,
  onHello,
  onJoin,
  onLeave,
  onMutation,
  type Size,
  unseen,
} from './server-steps.ts'
import { clone, type Frame, faults, type Position, type State, type Subscription } from './state.ts'

/** What the system does by itself. A frame delivered to the server is a turn there. */
export type ProtocolAction =
  | { readonly do: 'connect' }
  | { readonly do: 'to client' | 'to client, late' | 'to server, late'; readonly frame: Frame['is'] }
  | { readonly do: 'to server'; readonly frame: Frame['is']; readonly size: Size }
  | { readonly do: 'flush'; readonly size: Size }
  | { readonly do: 'finish join' }
export type Action = EnvironmentAction | ProtocolAction

export interface Step {
  readonly action: Action
  readonly byItself: boolean
  readonly next: State
  /** The property that the step itself broke. */
  readonly broken: string | null
}

/** A server that has this many frames waiting starts no turn of its own. */
const room = 3

export const protocol = (t: Turn): Possible<ProtocolAction>[] => {
  const { s } = t
  const possible: Possible<ProtocolAction>[] = []
  const can = (action: ProtocolAction, run: (t: Turn) => void) => possible.push({ action, run })

  if (s.client.phase === 'down') can({ do: 'connect' }, connect)
  const [toClient, ...restToClient] = s.toClient
  if (toClient)
    can({ do: 'to client', frame: toClient.is }, (t) => {
      t.s.toClient = restToClient
      receive(t, toClient)
    })
  const [late, ...restLate] = s.late
  if (late)
    can({ do: 'to client, late', frame: late.is }, (t) => {
      t.s.late = restLate
      receive(t, late, true)
    })
  const [toServer, ...restToServer] = s.toServer
  if (toServer)
    for (const size of sizes(t, toServer))
      can({ do: 'to server', frame: toServer.is, size }, (t) => {
        t.s.toServer = restToServer
        serve(t, toServer, size)
      })
  if (s.lateMutation)
    can({ do: 'to server, late', frame: 'mutation' }, (t) => {
      t.s.lateMutation = false
      execute(t)
    })
  if (s.socket && s.toClient.length < room) {
    const todo = unseen(t, s.socket).length
    if (todo > 0) can({ do: 'flush', size: 'whole' }, (t) => flush(t))
    if (todo > 1) can({ do: 'flush', size: 'cut' }, (t) => flush(t, null, 'cut'))
    if (s.socket.ending) can({ do: 'finish join' }, finishJoin)
  }
  return possible
}
const sizes = ({ s }: Turn, frame: Frame): Size[] => {
  if (frame.is === 'hello' && frame.at && s.history.length > frame.at.seq + 1) return ['whole', 'cut']
  return frame.is === 'join' && !frame.since && frame.cursor?.after !== 2 ? ['whole', 'cut'] : ['whole']
}
const serve = (t: Turn, frame: Frame, size: Size): void => {
  if (frame.is === 'hello') onHello(t, frame, size)
  else if (frame.is === 'join') onJoin(t, frame, size)
  else if (frame.is === 'leave') onLeave(t, frame.of)
  else if (frame.is === 'mutation') onMutation(t)
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
      const t = turn(clone(s))
      run(t)
      out.push({ action, byItself, next: t.s, broken: t.broken })
    }
    for (const possible of protocol(turn(s))) take(possible, true)
    for (const possible of environment(turn(s))) take(possible, false)
    return out
  }
  return { rules, scenario, initial: start(scenario), steps }
}

const start = (scenario: Scenario): State => {
  const at: Position = { seq: 2, nonce: 1, ghost: 2 }
  const subscription = (state: Subscription['state'], cell: number | null): Subscription => ({
    state,
    rows: [cell, null, null],
    since: state === 'off' && cell !== null ? at : null,
    stage: null,
    join: 0,
    cursor: null,
  })
  const b = scenario.b === 'joined'
  const written = scenario.budget.restore ? at.seq : 0
  const budget = Object.fromEntries(faults.map((fault) => [fault, scenario.budget[fault] ?? 0]))
  return {
    history: [
      { table: 0, key: 0, value: 'on', id: 1, nonce: 1 },
      { table: 1, key: 0, value: 'on', id: 2, nonce: 1 },
    ],
    log: [1, 2],
    prunedThrough: 0,
    housekept: 0,
    instance: 1,
    nextId: 3,
    outcome: null,
    socket: {
      position: at,
      cursor: at,
      joined: [written, b ? written : null],
      stamp: [true, b],
      ending: null,
    },
    client: {
      phase: 'live',
      position: at,
      staged: noRows,
      nextJoin: 1,
      write: 'none',
      confirmed: 0,
      subscriptions: [
        subscription('joined', 1),
        b ? subscription('joined', 2) : subscription('off', scenario.b === 'stored' ? 2 : null),
      ],
    },
    toClient: [],
    toServer: [],
    late: [],
    lateMutation: false,
    budget: budget as State['budget'],
  }
}
