import {
  accepts, append, changeAt, currentRows, currentTables, dirty, head, isOwn, over, ownIds, page, positionAt,
  type Turn, valid,
} from './log.ts'
import { both, type Frame, type Index, type JoinCursor, keys, type Position, type Rows, same, type Socket } from './state.ts'

type Sent<Is extends Frame['is']> = Extract<Frame, { is: Is }>
/** How much one turn sends where it may choose: a flush in one frame or two, a join page by page or to its end. */
export type Size = 'whole' | 'cut'

const send = ({ s }: Turn, frame: Frame): void => {
  s.toClient = [...s.toClient, frame]
}
/** 1012: what was sent before still arrives, what was on its way here does not. */
export const close = (t: Turn): void => {
  t.s.socket = null
  t.s.toServer = []
  send(t, { is: 'close' })
}
const moveTo = ({ rules }: Turn, socket: Socket, position: Position): void => {
  socket.cursor = position
  if (rules.positionKept !== 'attachment of the hello') socket.position = position
}
export const join = ({ s, scenario }: Turn, socket: Socket, of: Index, joined: boolean): void => {
  // When a row was written matters only to a restore.
  socket.joined[of] = joined ? (scenario.budget.restore ? s.history.length : 0) : null
  socket.stamp[of] = joined
}
export const isJoined = (socket: Socket) => (of: Index) => socket.joined[of] !== null
/** The log rows that the socket has not seen and must see. */
export const unseen = (t: Turn, socket: Socket): number[] => dirty(t.s, socket.cursor.seq, isJoined(socket))

/** Every frame that moves a position comes from here. */
const sendChanges = (t: Turn, from: Position | null, seqs: number[], size: Size, live: boolean, settled: boolean) => {
  const { s, rules } = t
  const to = head(s)
  const [first, ...rest] = seqs
  if (size === 'whole' || first === undefined || rest.length === 0)
    return send(t, { is: 'changes', from, to, tables: currentTables(t, seqs), more: false, live, settled })
  const middle = rules.wholeFlush ? to : positionAt(s, first)
  const [a, b] = [currentTables(t, [first]), currentTables(t, rest)]
  send(t, { is: 'changes', from, to: middle, tables: a, more: rules.wholeFlush, live: false, settled: false })
  send(t, { is: 'changes', from: rules.wholeFlush ? from : middle, to, tables: b, more: false, live, settled })
}
/** Brings the socket to the head in this turn, also when that takes an empty frame. False: it is closed instead. */
export const flush = (t: Turn, { settled = false, size = 'whole' as Size } = {}): boolean => {
  const { s, rules } = t
  const socket = s.socket
  if (!socket) return false
  if (rules.flushValidates && !accepts(t, socket.cursor)) {
    close(t)
    return false
  }
  if (!settled && same(socket.cursor, head(s))) return true
  sendChanges(t, socket.cursor, unseen(t, socket), size, false, settled)
  moveTo(t, socket, head(s))
  return true
}

/** Welcome, the resume pass and `live` leave in the turn of the hello. */
export const onHello = (t: Turn, hello: Sent<'hello'>, size: Size): void => {
  const { s, rules } = t
  const reset = hello.at !== null && !accepts(t, hello.at)
  const from = reset ? null : hello.at
  const start = from ?? head(s)
  const socket: Socket = { position: start, cursor: start, joined: [null, null], stamp: [false, false], ending: null }
  s.socket = socket
  if (!reset) for (const of of both) join(t, socket, of, hello.joined[of])
  send(t, { is: 'welcome', reset })
  const settled = rules.outcomesInLive && hello.pending && s.outcome !== null
  sendChanges(t, from, from ? unseen(t, socket) : [], size, true, settled)
  moveTo(t, socket, head(s))
}

/** The client's one mutation: the data and its (cid, n) row in one transaction. */
export const execute = (t: Turn): void => {
  const { s, rules, scenario } = t
  if (s.outcome !== null && rules.replay) return
  if (scenario.own !== 'rejected') {
    append(s, { table: scenario.own, key: 0, value: 'on', id: ownIds + s.instance })
    if (s.history.filter(isOwn).length > 1) t.broken ??= 'E: the mutation is in the history twice'
  }
  s.outcome = s.history.length
}
/** The flush with the receipt leaves in the turn that executed. */
export const onMutation = (t: Turn): void => {
  const { s, rules } = t
  const socket = s.socket
  if (!socket) return
  execute(t)
  if (rules.mover === 'receipt too') return send(t, { is: 'receipt', at: head(s) })
  if (rules.emptyReceiptFrame || unseen(t, socket).length > 0) flush(t, { settled: true })
}

/** One request is one turn: a page, or what is left and the end. Nothing about it is kept here. */
export const onJoin = (t: Turn, ask: Sent<'join'>, size: Size): void => {
  const { s, rules } = t
  if (!s.socket) return
  const { of, join: number, since, cursor } = ask
  if (since) {
    if (rules.joinValidates && !accepts(t, since)) return send(t, { is: 'restart', of, join: number })
    return endJoin(t, of, number, {}, since)
  }
  if (cursor && rules.joinValidates && !intact(t, cursor)) return send(t, { is: 'restart', of, join: number })
  const p0 = cursor?.p0 ?? head(s)
  const [first, second] = keys.slice(cursor?.after)
  if (size === 'cut' && first !== undefined && second !== undefined) {
    const next = { p0, after: second, read: head(s), instance: s.instance }
    return send(t, { is: 'chunk', of, join: number, rows: page(s, of, [first]), next })
  }
  endJoin(t, of, number, page(s, of, keys.slice(cursor?.after)), rules.joinCatchUp ? p0 : head(s))
}
/** Rows of a history that was since taken back may lie above p0, so the head of the last page is validated as well. */
const intact = (t: Turn, { p0, read, instance }: JoinCursor): boolean => {
  if (!valid(t, p0)) return false
  return { p0: true, 'p0 and last page': valid(t, read), 'p0 and instance': instance === t.s.instance }[t.rules.joinCursor]
}
const endJoin = (t: Turn, of: Index, number: number, lastPage: Rows, from: Position): void => {
  const { s, rules } = t
  if (rules.joinFlush === 'to the head' && !flush(t)) return
  const socket = s.socket
  if (!socket) return
  const missed = currentRows(t, dirty(s, from.seq, (table) => table === of), of)
  send(t, { is: 'catchUp', of, join: number, rows: over(lastPage, missed) })
  if (!rules.joinEndsInOneTurn) socket.ending = { of, join: number }
  else sendJoined(t, socket, of, number)
}
const sendJoined = (t: Turn, socket: Socket, of: Index, number: number): void => {
  send(t, { is: 'joined', of, join: number, at: head(t.s) })
  join(t, socket, of, true)
  socket.ending = null
}
/** Only where a rule is off: the end of a join in a later turn than its catch-up. */
export const finishJoin = (t: Turn): void => {
  const socket = t.s.socket
  if (socket?.ending && flush(t)) sendJoined(t, socket, socket.ending.of, socket.ending.join)
}
export const onLeave = (t: Turn, of: Index): void => {
  const socket = t.s.socket
  if (!socket) return
  join(t, socket, of, false)
  if (socket.ending?.of === of) socket.ending = null
}

/** A new instance over the same storage: memory is gone, the socket and its attachment stay. */
export const wake = (t: Turn): void => {
  const { s, rules } = t
  const socket = s.socket
  s.instance++
  if (!socket) return
  socket.cursor = rules.positionKept === 'nowhere' ? head(s) : socket.position
  socket.ending = null
  if (rules.subscriptionsStamped && both.some((of) => isJoined(socket)(of) !== socket.stamp[of])) return close(t)
  if (same(socket.cursor, head(s))) return
  if (rules.wakeValidates && !accepts(t, socket.cursor)) return close(t)
  if (unseen(t, socket).length > 0) flush(t)
}

/** Housekeeping: what is superseded goes, never the head row. */
export const compact = ({ s }: Turn): boolean => {
  const kept = s.log.filter((seq) => {
    const { table, key } = changeAt(s, seq)
    return !s.history.slice(seq).some((c) => c.table === table && c.key === key)
  })
  const changed = kept.length < s.log.length
  s.log = kept
  return changed
}
export const prune = (t: Turn, through: number): void => {
  const { s, rules } = t
  const lackedNothing = s.socket !== null && unseen(t, s.socket).length === 0
  if (rules.pruneBoundary && s.socket && s.socket.cursor.seq < through) flush(t)
  s.log = s.log.filter((seq) => seq > through || seq === s.history.length)
  s.prunedThrough = through
  const { phase, position, subscriptions } = s.client
  const idle = phase === 'live' && s.toClient.length === 0 && s.toServer.length === 0
  const passed = position !== null && position.seq < through && subscriptions.some((x) => x.state === 'joined')
  if (lackedNothing && idle && passed)
    t.broken ??= `R: pruned through ${through}, past the position ${position.seq} of a live client that lacks nothing`
}

/** The storage as it was at `to`. A subscription row written at that very head may be from after the moment. */
export const restore = (t: Turn, to: number, subscriptions: 'kept' | 'lost'): void => {
  const { s, rules } = t
  s.history = s.history.slice(0, to)
  s.log = s.history.map((_, i) => i + 1)
  s.prunedThrough = 0
  if (s.outcome !== null && s.outcome > to) s.outcome = null
  const socket = s.socket
  if (socket) {
    if (rules.positionKept === 'table' && socket.position.seq > to) socket.position = head(s)
    for (const of of both) {
      const written = socket.joined[of]
      if (written !== null && (written > to || (written === to && subscriptions === 'lost'))) socket.joined[of] = null
    }
  }
  wake(t)
}
/** Everything stored goes. What the instance and its sockets become is the rule. */
export const wipe = (t: Turn): void => {
  const { s, rules } = t
  s.history = []
  s.log = []
  s.prunedThrough = 0
  s.outcome = null
  if (!rules.wipeAborts) return
  s.instance++
  if (s.client.phase !== 'down') close(t)
}
