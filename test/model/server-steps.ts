import {
  accepts,
  append,
  currentRows,
  currentTables,
  dirty,
  head,
  isOwn,
  over,
  ownIds,
  page,
  positionAt,
  type Turn,
  valid,
} from './log.ts'
import {
  both,
  type Frame,
  type Index,
  type JoinCursor,
  keys,
  type Position,
  type Rows,
  replaced,
  type Socket,
  type State,
  same,
} from './state.ts'

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
const setJoined = ({ s, scenario }: Turn, socket: Socket, of: Index, joined: boolean): void => {
  // When a row was written matters only to a restore.
  const written = joined ? (scenario.budget.restore ? s.history.length : 0) : null
  socket.joined = replaced(socket.joined, of, written)
  socket.stamp = replaced(socket.stamp, of, joined)
}
export const isJoined = (socket: Socket) => (of: Index) => socket.joined[of] !== null
/** The log rows that the socket has not seen and must see. */
export const unseen = (t: Turn, socket: Socket): number[] => dirty(t.s, socket.cursor.seq, isJoined(socket))

interface Flushed {
  readonly from: Position | null
  readonly seqs: readonly number[]
  readonly size: Size
  readonly live: boolean
  readonly settled: number | null
}
/** Every frame that moves a position comes from here. */
const sendChanges = (t: Turn, { from, seqs, size, live, settled }: Flushed): void => {
  const { s, rules } = t
  const to = head(s)
  const [first, ...rest] = seqs
  const last = { is: 'changes', to, more: false, live, settled } as const
  if (size === 'whole' || first === undefined || rest.length === 0) {
    send(t, { ...last, from, tables: currentTables(t, seqs) })
    return
  }
  const [a, b] = [currentTables(t, [first]), currentTables(t, rest)]
  const part = { is: 'changes', from, tables: a, live: false, settled: null } as const
  if (rules.wholeFlush) {
    send(t, { ...part, to, more: true })
    send(t, { ...last, from, tables: b })
  } else {
    const middle = positionAt(s, first)
    send(t, { ...part, to: middle, more: false })
    send(t, { ...last, from: middle, tables: b })
  }
}
/** Brings the socket to the head in this turn, also when that takes an empty frame. False: it is closed instead. */
export const flush = (t: Turn, settled: number | null = null, size: Size = 'whole'): boolean => {
  const { s, rules } = t
  const socket = s.socket
  if (!socket) return false
  if (rules.flushValidates && !accepts(t, socket.cursor)) {
    close(t)
    return false
  }
  if (settled === null && same(socket.cursor, head(s))) return true
  sendChanges(t, { from: socket.cursor, seqs: unseen(t, socket), size, live: false, settled })
  moveTo(t, socket, head(s))
  return true
}

/** Welcome, the resume pass and `live` leave in the turn of the hello. */
export const onHello = (t: Turn, hello: Sent<'hello'>, size: Size): void => {
  const { s, rules } = t
  const reset = hello.at !== null && !accepts(t, hello.at)
  const from = reset ? null : hello.at
  const start = from ?? head(s)
  const socket: Socket = {
    position: start,
    cursor: start,
    joined: [null, null],
    stamp: [false, false],
    ending: null,
  }
  s.socket = socket
  if (!reset) for (const of of both) setJoined(t, socket, of, hello.joined[of])
  send(t, { is: 'welcome', reset })
  const settled = rules.outcomesInLive && hello.pending && s.outcome !== null ? receipt(s) : null
  sendChanges(t, { from, seqs: from ? unseen(t, socket) : [], size, live: true, settled })
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
const receipt = (s: State): number => s.history.find(isOwn)?.id ?? 0

/** The flush with the receipt leaves in the turn that executed. */
export const onMutation = (t: Turn): void => {
  const { s, rules } = t
  const socket = s.socket
  if (!socket) return
  execute(t)
  if (rules.mover === 'receipt too') send(t, { is: 'receipt', at: head(s), settled: receipt(s) })
  else if (rules.emptyReceiptFrame || unseen(t, socket).length > 0) flush(t, receipt(s))
}

/** One request is one turn: a page, or what is left and the end. Nothing about it is kept here. */
export const onJoin = (t: Turn, ask: Sent<'join'>, size: Size): void => {
  const { s, rules } = t
  if (!s.socket) return
  const { of, join, since, cursor } = ask
  const good = (!since || accepts(t, since)) && (!cursor || intact(t, cursor))
  if (rules.joinValidates && !good) {
    send(t, { is: 'restart', of, join })
    return
  }
  const p0 = since ?? cursor?.p0 ?? head(s)
  const left = since ? [] : keys.slice(cursor?.after)
  const [first, after] = left
  if (size === 'cut' && first !== undefined && after !== undefined) {
    const next = { p0, after, read: head(s), instance: s.instance }
    send(t, { is: 'chunk', of, join, rows: page(s, of, [first]), next })
  } else endJoin(t, ask, page(s, of, left), since || rules.joinCatchUp ? p0 : head(s))
}
/** Rows of a history that was since taken back may lie above p0, so the head of the last page is validated as well. */
const intact = (t: Turn, { p0, read, instance }: JoinCursor): boolean => {
  if (!valid(t, p0)) return false
  if (t.rules.joinCursor === 'p0 and instance') return instance === t.s.instance
  return t.rules.joinCursor === 'p0' || valid(t, read)
}
const endJoin = (t: Turn, { of, join }: Sent<'join'>, lastPage: Rows, from: Position): void => {
  const { s, rules } = t
  if (rules.joinFlush === 'to the head' && !flush(t)) return
  const socket = s.socket
  if (!socket) return
  const missed = dirty(s, from.seq, (table) => table === of)
  send(t, { is: 'catchUp', of, join, rows: over(lastPage, currentRows(t, missed, of)) })
  if (rules.joinEndsInOneTurn) sendJoined(t, socket, of, join)
  else socket.ending = { of, join }
}
const sendJoined = (t: Turn, socket: Socket, of: Index, join: number): void => {
  send(t, { is: 'joined', of, join, at: head(t.s) })
  setJoined(t, socket, of, true)
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
  setJoined(t, socket, of, false)
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
  const asStamped = both.every((of) => isJoined(socket)(of) === socket.stamp[of])
  if (rules.subscriptionsStamped && !asStamped) close(t)
  else if (same(socket.cursor, head(s))) return
  else if (rules.wakeValidates && !accepts(t, socket.cursor)) close(t)
  else if (unseen(t, socket).length > 0) flush(t)
}
