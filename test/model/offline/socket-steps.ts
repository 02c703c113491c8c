import { absent, apply, withMarks } from './memory.ts'
import { join, onJoined, relay } from './relay-steps.ts'
import type { Down, End, Ending, Entry, Frame, Receipt, TabIndex, User, Verdict } from './state.ts'
import { detach, signOut, stopLeading } from './tab-steps.ts'
import { change, commit, storeOf, type Turn } from './turn.ts'
import { sendUp } from './write-steps.ts'

/** A leader says hello: its position, and every client id that it has writes of. */
export const connect = (t: Turn, tab: TabIndex): void => {
  if (t.rules.judged !== 'from memory') withMarks(t, tab)
  const page = t.s.pages[tab]
  const gone = t.rules.judged === 'from memory' ? [] : absent(t, page).map(({ write }) => write)
  const stored = page.entries.filter((entry) => entry.stored)
  const cids = [...new Set(stored.map(({ cid }) => cid))].sort()
  t.s.sockets = [
    ...t.s.sockets,
    {
      tab,
      by: t.s.signedIn,
      held: true,
      at: 'hello',
      owns: [],
      up: [{ is: 'hello', at: page.position, cids }],
      down: [],
    },
  ]
  change(t, tab, {
    socket: 'hello',
    gone,
    expects: [],
    entries: page.entries.map((entry) => (entry.sent ? { ...entry, sent: false } : entry)),
  })
}

export const receive = (t: Turn, tab: TabIndex): void => {
  const frame = t.s.sockets.find((socket) => socket.held && socket.tab === tab)?.down[0]
  if (!frame) return
  t.s.sockets = t.s.sockets.map((socket) =>
    socket.held && socket.tab === tab ? { ...socket, down: socket.down.slice(1) } : socket,
  )
  if (frame.is === 'welcome') onWelcome(t, tab, frame)
  else if (frame.is === 'changes') onChanges(t, tab, frame)
  else if (frame.is === 'joined') onJoined(t, tab, frame)
  else {
    detach(t, tab)
    // Who is refused a client id that it had declared was overtaken by another leader, or will be told better by the next welcome.
    if (frame.is === 'refused' && t.s.locks[t.s.pages[tab].user] !== tab) stopLeading(t, tab)
  }
}

const onWelcome = (t: Turn, tab: TabIndex, frame: Extract<Down, { is: 'welcome' }>): void => {
  const before = t.s.pages[tab]
  if (frame.by !== before.user) {
    if (t.rules.principal) {
      signOut(t, tab)
      return
    }
    t.broken ??= 'I: rows for one user are applied to the store of another'
  }
  change(t, tab, {
    socket: 'live',
    gone: [],
    expects: frame.verdicts.map(({ cid, last }) => [cid, last + 1] as const),
  })
  const isOpen = ({ write, stored }: Entry) => stored && !before.gone.includes(write)
  const elsewhere = before.entries
    .filter(({ write }) => before.gone.includes(write))
    .map(({ write, cid, n }) => ({ write, cid, n, end: 'elsewhere' as const }))
  const judged = frame.verdicts.flatMap((verdict) => {
    const entries = before.entries.filter((entry) => entry.cid === verdict.cid && isOpen(entry))
    return entries.flatMap((entry) => {
      const ending = judge(t, before.user, entry, verdict, frame)
      return ending ? unlessElsewhere(t, tab, ending, 'welcome') : []
    })
  })
  applied(t, tab, {
    replace: frame.reset,
    from: before.position,
    to: frame.to,
    rows: frame.rows,
    ends: [...elsewhere, ...judged],
  })
  join(t, tab)
  if (t.rules.recency === 'of the room') commit(t, before.user, { contact: t.s.server.day + 1 })
  if (t.rules.restored !== 'same numbers')
    for (const verdict of frame.verdicts) rehome(t, tab, verdict, frame.reset)
}

/** What a verdict says of a write; null is: send it, again or for the first time. */
const judge = (
  t: Turn,
  user: User,
  entry: Entry,
  { is, last }: Verdict,
  { settled, reset }: Extract<Down, { is: 'welcome' }>,
): Ending | null => {
  const { write, cid, n, mark } = entry
  const ends = (end: End) => ({ write, cid, n, end })
  if (n <= last && (is !== 'retired' || t.rules.retired === 'decided up to last')) {
    const receipt = settled.find((each) => each.cid === cid && each.n === n)
    return ends(endOf(entry, receipt?.as ?? 'executed'))
  }
  if (is === 'retired') return ends('unknown')
  if (is === 'known' || mark === 0) return null
  const { contact } = storeOf(t, user)
  const stamp = t.rules.recency === 'of the mark' ? mark : contact
  const recent = stamp === 0 || stamp - 1 === t.s.server.day
  const again = {
    'again if recent': recent,
    'again if recent and reset': recent && reset,
    again: true,
    'given up': false,
  }[t.rules.unknownMarked]
  return again ? null : ends('unknown')
}
const endOf = (entry: Entry, as: Receipt['as']): End =>
  as === 'rejected' ? 'rejected' : as === 'executed' && !entry.skip ? 'confirmed' : 'discarded'

/** A write that the outbox no longer has was ended by another tab, and the server may have forgotten how: the store knows. */
const unlessElsewhere = (
  t: Turn,
  tab: TabIndex,
  ending: Ending,
  told: 'welcome' | 'receipt',
): readonly Ending[] => {
  const { judged } = t.rules
  if (judged === 'from memory' || (judged === 'with the outbox, at the welcome' && told === 'receipt'))
    return [ending]
  const isGone = absent(t, t.s.pages[tab]).some(({ write }) => write === ending.write)
  return [isGone ? { ...ending, end: 'elsewhere' } : ending]
}

const onChanges = (t: Turn, tab: TabIndex, frame: Extract<Down, { is: 'changes' }>): void => {
  const page = t.s.pages[tab]
  const ends = frame.settled.flatMap(({ cid, n, as }) => {
    const entry = page.entries.find((each) => each.cid === cid && each.n === n)
    return entry
      ? unlessElsewhere(t, tab, { write: entry.write, cid, n, end: endOf(entry, as) }, 'receipt')
      : []
  })
  const { from, to, rows } = frame
  applied(t, tab, { replace: false, from, to, rows, ends })
}

/** The leader applies a frame and relays it. One that says nothing is not worth keeping. */
const applied = (t: Turn, tab: TabIndex, frame: Frame): void => {
  const { replace, from, to, ends } = frame
  const saysNothing = !replace && from === to && ends.length === 0
  if (!saysNothing) apply(t, tab, frame)
  if (t.rules.seen === 'when applied') {
    const rejected = ends.filter(({ end }) => end === 'rejected')
    const page = t.s.pages[tab]
    const seen = rejected.map(({ cid, n }) => ({ cid, n, as: 'rejected' as const }))
    change(t, tab, { seen: [...page.seen, ...seen] })
  }
  if (!saysNothing) relay(t, tab, frame)
}

/** Only where writes get a new client id: what is left of the old one, from 1 on, stored and then sent. */
const rehome = (t: Turn, tab: TabIndex, { cid, is, last }: Verdict, reset: boolean): void => {
  const page = t.s.pages[tab]
  const left = page.entries.filter((entry) => entry.stored && entry.cid === cid)
  const [first] = left
  if (!first || is === 'retired' || (first.n === last + 1 && !reset)) return
  t.s.sessions++
  const fresh = t.s.sessions
  const moved = <T extends { write: number; cid: number }>(entry: T): T => {
    const i = left.findIndex(({ write }) => write === entry.write)
    return i < 0 ? entry : { ...entry, cid: fresh, n: i + 1, mark: 0 }
  }
  const { outbox } = storeOf(t, page.user)
  commit(t, page.user, { outbox: outbox.map(moved) })
  change(t, tab, {
    entries: page.entries.map(moved),
    expects: [...page.expects, [fresh, 1]],
    ...(page.cid === cid ? { cid: fresh, next: left.length + 1 } : {}),
  })
  if (t.rules.restored === 'new client id, old one retired') sendUp(t, tab, [{ is: 'retire', cid }])
}
