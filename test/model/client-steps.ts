import { changeAt, inHistory, noRows, over, put, shows, type Turn } from './log.ts'
import {
  both,
  type Changes,
  type Client,
  type Frame,
  type Index,
  type Position,
  type Subscription,
  same,
  zero,
} from './state.ts'

const empty = [null, null, null] as const
const send = ({ s }: Turn, frame: Frame): void => {
  s.toServer = [...s.toServer, frame]
}

/** The socket is gone or abandoned, with all that was under way on it. */
export const drop = ({ s, rules }: Turn): void => {
  if (rules.oldSocket !== 'dead') s.late = s.toClient
  if (s.toServer.some((frame) => frame.is === 'mutation')) s.lateMutation = true
  s.socket = null
  s.toClient = []
  s.toServer = []
  s.client.phase = 'down'
  s.client.staged = noRows
  for (const x of s.client.subscriptions) {
    if (rules.dropDiscardsStage || !x.cursor) x.stage = x.cursor = null
    x.join = 0
  }
}

/** The position that a subscription's rows are good for, when it claims one. */
export const claim = ({ rules }: Pick<Turn, 'rules'>, client: Client, x: Subscription): Position | null => {
  if (x.state === 'joined') return client.position
  return rules.ownSince ? x.since : x.since && client.position
}

export const connect = (t: Turn): void => {
  const { s, rules } = t
  const c = s.client
  c.phase = 'hello'
  c.nextJoin = 1
  if (!c.subscriptions.some((x) => x.state === 'joined')) resumeTogether(t, 'same position')
  if (rules.resumeTogether === 'lowest position') resumeTogether(t, 'lowest position')
  const anyJoined = c.subscriptions.some((x) => x.state === 'joined')
  if (!anyJoined) c.position = null
  else if (!rules.atForJoinedOnly)
    for (const x of c.subscriptions) if (x.state === 'joining') x.state = 'joined'
  const [a, b] = c.subscriptions
  const joined = [a.state === 'joined', b.state === 'joined'] as const
  send(t, { is: 'hello', at: c.position, joined, pending: c.write === 'pending' })
}
/** Without a joined subscription, those with stored rows that share a position resume at it. */
const resumeTogether = (t: Turn, which: Turn['rules']['resumeTogether']): void => {
  const c = t.s.client
  const stored = c.subscriptions.filter((x) => x.state !== 'off' && claim(t, c, x))
  const positions = stored.map((x) => claim(t, c, x) ?? zero)
  const lowest = which === 'lowest position'
  const at = (lowest && positions.toSorted((p, q) => p.seq - q.seq)[0]) || positions[0] || null
  c.position = at
  for (const [i, x] of stored.entries()) {
    if (!lowest && !same(positions[i] ?? null, at)) continue
    x.state = 'joined'
    x.since = x.stage = x.cursor = null
  }
}

const ask = (t: Turn, of: Index): void => {
  const c = t.s.client
  const x = c.subscriptions[of]
  x.join = c.nextJoin++
  const since = x.cursor ? null : claim(t, c, x)
  if (since) x.stage = t.rules.catchUpStaged ? x.rows : null
  else if (!x.cursor) x.stage = t.rules.snapshotReplaces ? empty : null
  send(t, { is: 'join', of, join: x.join, since, cursor: x.cursor })
}

export const mount = (t: Turn, of: Index): void => {
  t.s.client.subscriptions[of].state = 'joining'
  if (t.s.client.phase === 'live') ask(t, of)
}
/** The rows stay in storage, together with the position they are good for. */
export const unmount = (t: Turn, of: Index): void => {
  const c = t.s.client
  const x = c.subscriptions[of]
  if (x.state === 'joined') x.since = c.position
  if (!x.since) x.rows = empty
  x.state = 'off'
  x.stage = x.cursor = null
  x.join = 0
  if (c.write === 'held' && of === t.scenario.own) forget(c)
  if (c.phase === 'live') send(t, { is: 'leave', of })
}
/** The page starts again from what is stored; the socket and an unanswered mutation are gone with it. */
export const reload = (t: Turn, only: Index): void => {
  drop(t)
  t.s.late = []
  for (const of of both) unmount(t, of)
  forget(t.s.client)
  if (t.rules.ownSince) t.s.client.position = null
  mount(t, only)
}
export const mutate = (t: Turn): void => {
  t.s.client.write = 'pending'
  if (t.s.client.phase === 'live') send(t, { is: 'mutation' })
}

/** A receipt takes effect: the optimistic rows go with this commit, or with the one that ends the join. */
const confirm = (t: Turn, id: number | null): void => {
  const c = t.s.client
  if (c.write !== 'pending' || id === null) return
  c.confirmed = id
  c.write = 'held'
  retire(t)
}
const retire = (t: Turn): void => {
  const { s, rules, scenario } = t
  const joining = scenario.own !== 'rejected' && s.client.subscriptions[scenario.own].state === 'joining'
  if (s.client.write !== 'held' || (joining && rules.heldWhileJoining)) return
  const at = s.history.findIndex((change) => change.id === s.client.confirmed)
  forget(s.client)
  // A receipt of a history that was since taken back says nothing about this one.
  if (scenario.own === 'rejected' || at < 0 || !s.client.position || !inHistory(s, s.client.position)) return
  const x = s.client.subscriptions[scenario.own]
  const { table, key } = changeAt(s, at + 1)
  const allowed = s.history
    .slice(at)
    .flatMap((c) => (c.table === table && c.key === key ? [shows(table, c)] : []))
  if (x.state !== 'off' && !allowed.includes(x.rows[key]))
    t.broken ??= `V: the confirmed write is taken off, the row shown is ${x.rows[key]}`
}
const forget = (c: Client): void => {
  c.write = 'none'
  c.confirmed = 0
}

export const receive = (t: Turn, frame: Frame, old = false): void => {
  const c = t.s.client
  if (old && t.rules.oldSocket === 'receipts settle') {
    if (frame.is === 'changes') confirm(t, frame.settled)
    return
  }
  if (frame.is === 'close' || frame.is === 'welcome') {
    if (old) return
    if (frame.is === 'close') drop(t)
    else onWelcome(t, frame.reset)
  } else if (c.phase !== 'live' && c.phase !== 'resuming') return
  else if (frame.is === 'changes') onChanges(t, frame)
  else if (frame.is === 'receipt') {
    c.position = frame.at
    confirm(t, frame.settled)
  } else if (
    frame.is === 'chunk' ||
    frame.is === 'catchUp' ||
    frame.is === 'joined' ||
    frame.is === 'restart'
  ) {
    const x = c.subscriptions[frame.of]
    if (x.state === 'joining' && (!t.rules.joinNumbers || x.join === frame.join)) onJoinFrame(t, frame, x)
  }
}
const onWelcome = (t: Turn, reset: boolean): void => {
  const c = t.s.client
  c.phase = 'resuming'
  if (!reset) return
  c.position = null
  if (!t.rules.resetDemotes) return
  for (const x of c.subscriptions) {
    if (x.state === 'off') continue
    x.state = 'joining'
    x.since = x.stage = x.cursor = null
  }
}
const onChanges = (t: Turn, frame: Changes): void => {
  const c = t.s.client
  if (t.rules.gap && !same(frame.from, c.position)) {
    drop(t)
    return
  }
  const [a, b] = c.staged
  c.staged = [over(a, frame.tables[0]), over(b, frame.tables[1])]
  if (frame.more) return
  // Joining subscriptions take no live changes: their catch-up brings these.
  for (const of of both) {
    const x = c.subscriptions[of]
    if (x.state === 'joined') x.rows = put(x.rows, c.staged[of])
  }
  c.staged = noRows
  c.position = frame.to
  confirm(t, frame.settled)
  retire(t)
  if (!frame.live) return
  c.phase = 'live'
  for (const of of both) if (c.subscriptions[of].state === 'joining') ask(t, of)
  if (c.write === 'pending' && t.rules.resend) send(t, { is: 'mutation' })
}
type JoinFrame = Extract<Frame, { is: 'chunk' | 'catchUp' | 'joined' | 'restart' }>
const onJoinFrame = (t: Turn, frame: JoinFrame, x: Subscription): void => {
  const c = t.s.client
  if (frame.is === 'restart') {
    x.since = x.stage = x.cursor = null
    ask(t, frame.of)
  } else if (frame.is === 'joined') {
    if (x.stage) x.rows = x.stage
    x.state = 'joined'
    x.since = x.stage = x.cursor = null
    x.join = 0
    if (t.rules.joinFlush === 'none, joined moves') c.position = frame.at
    retire(t)
  } else {
    if (x.stage) x.stage = put(x.stage, frame.rows)
    else x.rows = put(x.rows, frame.rows)
    if (frame.is === 'chunk') askOn(t, frame, x)
  }
}
const askOn = (t: Turn, frame: Extract<Frame, { is: 'chunk' }>, x: Subscription): void => {
  if (!t.rules.dropDiscardsStage) x.cursor = frame.next
  send(t, { is: 'join', of: frame.of, join: x.join, since: null, cursor: frame.next })
}
