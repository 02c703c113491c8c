import { decide, head, isValid, outcome, restored, since, verdict } from './journal.ts'
import type { Decision, Down, Receipt, Socket, Up, User } from './state.ts'
import type { Turn } from './turn.ts'

const update = ({ s }: Turn, i: number, change: Partial<Socket>): void => {
  const socket = s.sockets[i]
  if (socket) s.sockets = s.sockets.with(i, { ...socket, ...change })
}
const send = (t: Turn, i: number, frame: Down): void => {
  const socket = t.s.sockets[i]
  if (socket?.held) update(t, i, { down: [...socket.down, frame] })
}

/** A socket without a client is gone once nothing of it can arrive any more. */
export const sweepSockets = ({ s }: Turn): void => {
  if (s.sockets.some((x) => !x.held && (x.up.length === 0 || x.at === 'gone')))
    s.sockets = s.sockets.filter((x) => x.held || (x.up.length > 0 && x.at !== 'gone'))
}

/**
 * Which of the waiting frames a turn may take: the first, or, where permission is awaited, the first of any lane; a lane is a client id,
 * and one that waits does not hold up the others.
 */
export const servable = (t: Turn, socket: Socket): number[] => {
  const first: number[] = []
  const lanes = new Set<number>()
  for (const [i, frame] of socket.up.entries()) {
    if (frame.is !== 'push') return i === 0 ? [0] : first
    if (!lanes.has(frame.cid)) first.push(i)
    lanes.add(frame.cid)
    if (!t.scenario.awaits) return first
  }
  return first
}

/** One turn: a frame is served, and everybody gets what it changed. */
export const serve = (t: Turn, i: number, which: number): void => {
  const socket = t.s.sockets[i]
  const frame = socket?.up[which]
  if (!socket || !frame) return
  update(t, i, { up: socket.up.filter((_, j) => j !== which) })
  if (frame.is === 'hello') hello(t, i, frame)
  else if (frame.is === 'push') push(t, i, frame)
  else if (frame.is === 'join') join(t, i, frame)
  else if (verdict(t.s.server, frame.cid).is !== 'retired')
    record(t, { is: frame.is === 'seen' ? 'seen' : 'retired', cid: frame.cid, n: 'n' in frame ? frame.n : 0 })
  announce(t)
  sweepSockets(t)
}
const record = (
  t: Turn,
  d: Pick<Decision, 'is' | 'cid' | 'n'> & Partial<Pick<Decision, 'write' | 'by'>>,
): void => {
  t.s.server = decide(t.s.server, { write: 0, by: 0, ...d })
}

/** The last to declare a client id owns it. */
const declare = (t: Turn, i: number, cids: readonly number[]): void => {
  for (const [j, other] of t.s.sockets.entries())
    if (j !== i && other.owns.some((cid) => cids.includes(cid)))
      update(t, j, { owns: other.owns.filter((cid) => !cids.includes(cid)) })
  const own = t.s.sockets[i]?.owns ?? []
  update(t, i, { owns: [...own, ...cids.filter((cid) => !own.includes(cid))].sort() })
}

const hello = (t: Turn, i: number, { at, cids }: Extract<Up, { is: 'hello' }>): void => {
  const { server, writes } = t.s
  const to = head(server)
  const valid = isValid(server, at)
  const verdicts = cids.map((cid) => verdict(server, cid))
  const settled = verdicts.flatMap(({ cid, is, last }) =>
    is === 'known' ? receipts(t, cid, last).filter(({ as }) => as !== 'executed') : [],
  )
  declare(t, i, cids)
  const rows = since(server, writes, valid ? at : 0)
  const whole = rows.map((row) => (valid ? row : Math.max(0, row)))
  const by = t.s.sockets[i]?.by ?? 0
  send(t, i, {
    is: 'welcome',
    by,
    reset: !valid,
    to,
    rows: [whole[0] ?? 0, whole[1] ?? 0],
    verdicts,
    settled,
  })
  update(t, i, { at: to })
}
/** With `since` it is one turn: the socket is brought to the head, then what the rows at `since` lack. */
const join = (t: Turn, i: number, { link, since: from }: Extract<Up, { is: 'join' }>): void => {
  const { server, writes, sockets } = t.s
  const at = head(server)
  if (sockets[i]?.at !== at) flush(t, i, [])
  const valid = isValid(server, from)
  const rows = since(server, writes, valid ? from : 0)
  const whole = rows.map((row) => (valid ? row : Math.max(0, row)))
  send(t, i, {
    is: 'joined',
    link,
    since: from,
    replace: !valid,
    at,
    rows: [whole[0] ?? 0, whole[1] ?? 0],
  })
}
const receipts = ({ s }: Turn, cid: number, last: number): Receipt[] =>
  Array.from({ length: last }, (_, k) => ({ cid, n: k + 1, as: outcome(s.server, cid, k + 1) }))

const push = (t: Turn, i: number, { cid, n, write, open }: Extract<Up, { is: 'push' }>): void => {
  if (open) declare(t, i, [cid])
  const socket = t.s.sockets[i]
  const { is, last } = verdict(t.s.server, cid)
  if (!socket) return
  const refused = is === 'retired' || n > last + 1 || !socket.owns.includes(cid)
  if (refused) send(t, i, { is: 'refused', cid })
  else if (n <= last && t.rules.replay) reply(t, i, { cid, n, as: outcome(t.s.server, cid, n) })
  else reply(t, i, { cid, n, as: run(t, socket.by, cid, n, write) })
}
/** What it does, and its record, are one transaction. */
const run = (t: Turn, by: User, cid: number, n: number, write: number): Receipt['as'] => {
  const rejects = t.s.writes[write - 1]?.rejects === true
  const as = write === 0 ? 'skipped' : rejects ? 'rejected' : 'executed'
  if (as !== 'rejected' || t.rules.rejectionCounts) record(t, { is: as, cid, n, write, by })
  if (as === 'executed') executed(t, write)
  else if (as === 'rejected') wasRejected(t, write)
  return as
}
/** A check that failed may succeed the next time that it is asked. */
const wasRejected = ({ s }: Turn, write: number): void => {
  s.writes = s.writes.map((known, i) => (i === write - 1 ? { ...known, rejects: false } : known))
}
export const executed = ({ s }: Turn, write: number): void => {
  s.executed = [...s.executed, write]
  const known = s.writes[write - 1]
  if (known && !known.ran) s.writes = s.writes.with(write - 1, { ...known, ran: true })
}
/** The receipt travels with what it caused. */
const reply = (t: Turn, i: number, receipt: Receipt): void => flush(t, i, [receipt])

const flush = (t: Turn, i: number, settled: readonly Receipt[]): void => {
  const from = t.s.sockets[i]?.at
  if (typeof from !== 'number') return
  const to = head(t.s.server)
  send(t, i, { is: 'changes', from, to, rows: since(t.s.server, t.s.writes, from), settled })
  update(t, i, { at: to })
}
/** Everybody else gets what the turn changed. */
export const announce = (t: Turn): void => {
  for (const [i, { at, held }] of t.s.sockets.entries())
    if (held && typeof at === 'number' && at !== head(t.s.server)) flush(t, i, [])
}

/** The storage as it was. A socket whose position was taken back is closed, any other outlives the instance with what it owns. */
export const restore = (t: Turn, to: number): void => {
  const gone = t.s.server.journal.slice(to)
  t.s.server = restored(t.s.server, to)
  t.s.writes = t.s.writes.map((known, i) =>
    gone.some(({ is, write }) => is === 'executed' && write === i + 1)
      ? { ...known, takenBack: true }
      : known,
  )
  for (const [i, { at }] of t.s.sockets.entries())
    if (typeof at === 'number' && !isValid(t.s.server, at)) {
      send(t, i, { is: 'close' })
      update(t, i, { at: 'gone', up: [], owns: [] })
    }
  sweepSockets(t)
}
