import { changeAt, head, type Turn } from './log.ts'
import { close, flush, unseen, wake } from './server-steps.ts'
import type { State } from './state.ts'

/** Of all moments that a head stood, which one a restore goes back to. */
export type Moment = 'first' | 'last'

/** Housekeeping: what is superseded goes, never the head row. */
export const compact = ({ s, scenario }: Turn): boolean => {
  const kept = s.log.filter((seq) => {
    const { table, key } = changeAt(s, seq)
    return !s.history.slice(seq).some((c) => c.table === table && c.key === key)
  })
  const changed = kept.length < s.log.length
  s.log = kept
  if (changed && scenario.budget.restore) s.housekept = s.history.length
  return changed
}
export const prune = (t: Turn, through: number): void => {
  const { s, rules, scenario } = t
  const lackedNothing = s.socket !== null && unseen(t, s.socket).length === 0
  if (rules.pruneBoundary && s.socket && s.socket.cursor.seq < through) flush(t)
  s.log = s.log.filter((seq) => seq > through || seq === s.history.length)
  s.prunedThrough = through
  if (scenario.budget.restore) s.housekept = s.history.length
  const { phase, position, subscriptions } = s.client
  const idle = phase === 'live' && s.toClient.length === 0 && s.toServer.length === 0
  const passed =
    position !== null && position.seq < through && subscriptions.some((x) => x.state === 'joined')
  if (lackedNothing && idle && passed)
    t.broken ??= `R: pruned through ${through}, past the position ${position.seq} of a live client that lacks nothing`
}

/**
 * The storage as it was when `to` was the head: at the first such moment, before subscription rows were written and
 * housekeeping was done at that head, or at the last. The socket and its attachment know nothing of it.
 */
export const restore = (t: Turn, to: number, moment: Moment): void => {
  const { s, rules, scenario } = t
  const last = moment === 'last'
  s.history = s.history.slice(0, to)
  if (last && s.housekept <= to) s.log = s.log.filter((seq) => seq <= to)
  else {
    s.log = s.history.map((_, i) => i + 1)
    s.prunedThrough = s.housekept = 0
  }
  if (s.outcome !== null && (s.outcome > to || (s.outcome === to && !last && scenario.own === 'rejected')))
    s.outcome = null
  const socket = s.socket
  if (socket) {
    if (rules.positionKept === 'table' && socket.position.seq > to) socket.position = head(s)
    const kept = (written: number | null) => written !== null && (written < to || (written === to && last))
    const [a, b] = socket.joined
    socket.joined = [kept(a) ? a : null, kept(b) ? b : null]
  }
  wake(t)
}
/** Whether the two moments differ. */
export const moments = (s: State, to: number): Moment[] => {
  const subscribed = s.socket?.joined.includes(to)
  const first =
    subscribed || s.outcome === to || (s.housekept > 0 && s.housekept <= to) ? (['first'] as const) : []
  return to === s.history.length ? [...first] : ['last', ...first]
}
/** Everything stored goes. What the instance and its sockets become is the rule. */
export const wipe = (t: Turn): void => {
  const { s, rules } = t
  s.history = []
  s.log = []
  s.prunedThrough = s.housekept = 0
  s.outcome = null
  if (!rules.wipeAborts) return
  s.instance++
  if (s.client.phase !== 'down') close(t)
}
