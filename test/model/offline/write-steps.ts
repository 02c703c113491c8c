import { inOrder } from './memory.ts'
import type { Entry, Page, TabIndex, Up } from './state.ts'
import { change, commit, storeOf, type Turn, tell } from './turn.ts'

/** The user writes: shown at once, numbered at once, stored as soon as it can be. */
export const write = (t: Turn, tab: TabIndex, key: 0 | 1, rejects: boolean): void => {
  const page = t.s.pages[tab]
  const { user, cid, next } = page
  const id = t.s.writes.length + 1
  const after = page.entries.map((entry) => entry.write)
  const known = {
    user,
    key,
    rejects,
    stored: 0,
    told: null,
    ran: false,
    powerLost: false,
    takenBack: false,
    after,
  }
  t.s.writes = [...t.s.writes, { ...known, other: false }]
  const entry: Entry = { write: id, cid, n: next, mark: 0, skip: false, stored: false, sent: false }
  change(t, tab, { next: next + 1, entries: [...page.entries, entry] })
}

/** W1. The leader of a live socket puts the mark in with it. */
export const store = (t: Turn, tab: TabIndex): void => {
  const page = t.s.pages[tab]
  const entry = page.entries.find(({ stored }) => !stored)
  if (!entry) return
  const { write, cid, n, skip } = entry
  const mark = t.rules.markedFirst && page.socket === 'live' ? t.s.server.day + 1 : 0
  const { outbox, counter } = storeOf(t, page.user)
  const end = commit(t, page.user, {
    outbox: [...outbox, { write, cid, n, mark, skip }],
    counter: t.rules.numbers === 'of the browser' ? Math.max(counter, n) : 0,
  })
  if (end === 'failed') {
    putFails(t, tab)
    return
  }
  const order = Math.max(0, ...t.s.writes.map(({ stored }) => stored)) + 1
  t.s.writes = t.s.writes.map((known, i) => (i === write - 1 ? { ...known, stored: order } : known))
  change(t, tab, {
    entries: inOrder(
      t,
      page.entries.map((each) => (each === entry ? { ...entry, mark, stored: true } : each)),
    ),
  })
}
/** The transaction fails, and the app is told. Nobody may get the number; the page goes on under a new client id. */
export const putFails = (t: Turn, tab: TabIndex): void => {
  const page = t.s.pages[tab]
  const entry = page.entries.find(({ stored }) => !stored)
  if (!entry) return
  t.s.sessions++
  const own = t.rules.numbers === 'of the page session'
  const cid = own ? t.s.sessions : page.cid
  let next = own ? 1 : page.next
  const left = page.entries.filter((each) => each !== entry)
  const entries = left.map((each) => (each.stored || !own ? each : { ...each, cid, n: next++ }))
  change(t, tab, { cid, next, entries })
  if (t.s.writes[entry.write - 1]?.ran)
    t.broken ??= `T: write ${entry.write} could not be stored, and was executed`
  tell(t, entry.write, 'not stored', 0)
}

/** What is to be sent now: the writes of one client id, as long as none of another stands before them. */
export const due = ({ rules }: Turn, { entries }: Page): readonly Entry[] => {
  const [first] = entries
  const out: Entry[] = []
  for (const entry of entries) {
    if (!entry.stored && rules.storedFirst) break
    if (entry.cid !== first?.cid && rules.order === 'one client id at a time') break
    if (!entry.sent) out.push(entry)
  }
  return out
}
const isMarked = ({ rules }: Turn, entry: Entry): boolean => entry.mark > 0 || !rules.markedFirst
export const canMark = (t: Turn, page: Page): boolean => due(t, page).some((entry) => !isMarked(t, entry))
export const canPush = (t: Turn, page: Page): boolean => {
  const [first] = due(t, page)
  return first !== undefined && isMarked(t, first)
}

/** W2: the mark is a record of its own, so that it can bring nothing back that was deleted. */
export const mark = (t: Turn, tab: TabIndex): void => {
  const page = t.s.pages[tab]
  const marked = due(t, page).map((entry) => entry.write)
  const stamp = t.s.server.day + 1
  const stamped = <T extends { write: number; mark: number }>(entry: T): T =>
    marked.includes(entry.write) && entry.mark === 0 ? { ...entry, mark: stamp } : entry
  commit(
    t,
    page.user,
    { outbox: storeOf(t, page.user).outbox.map(stamped) },
    t.rules.markStrict ? 'strict' : 'relaxed',
  )
  change(t, tab, { entries: page.entries.map(stamped) })
}

/** One tick: all that is due and marked, numbers without a write as skips. */
export const push = (t: Turn, tab: TabIndex): void => {
  const page = t.s.pages[tab]
  const waiting = due(t, page)
  const end = waiting.findIndex((entry) => !isMarked(t, entry))
  const items = end < 0 ? waiting : waiting.slice(0, end)
  const frames: Up[] = []
  const expects = new Map(page.expects)
  for (const { write, cid, n, skip } of items) {
    const open = !expects.has(cid)
    if (t.rules.holes === 'skipped')
      for (let hole = expects.get(cid) ?? n; hole < n; hole++)
        frames.push({ is: 'push', cid, n: hole, write: 0, open: false })
    frames.push({ is: 'push', cid, n, write: skip ? 0 : write, open })
    expects.set(cid, n + 1)
  }
  const sent = items.map(({ write }) => write)
  change(t, tab, {
    expects: [...expects],
    entries: page.entries.map((entry) => (sent.includes(entry.write) ? { ...entry, sent: true } : entry)),
  })
  sendUp(t, tab, frames)
}
export const sendUp = ({ s }: Turn, tab: TabIndex, frames: readonly Up[]): void => {
  s.sockets = s.sockets.map((socket) =>
    socket.held && socket.tab === tab && socket.at !== 'gone'
      ? { ...socket, up: [...socket.up, ...frames] }
      : socket,
  )
}

/** The user takes a stored write back. */
export const discard = (t: Turn, tab: TabIndex, write: number): void => {
  const page = t.s.pages[tab]
  const { outbox } = storeOf(t, page.user)
  const again = t.rules.discard === 'number again'
  t.s.writes = t.s.writes.map((known, i) => (i === write - 1 ? { ...known, told: 'discarded' } : known))
  const skipped = <T extends { write: number }>(entries: readonly T[]): readonly T[] =>
    again
      ? entries.filter((entry) => entry.write !== write)
      : entries.map((entry) => (entry.write === write ? { ...entry, skip: true } : entry))
  const entry = page.entries.find((each) => each.write === write)
  commit(t, page.user, { outbox: skipped(outbox) })
  change(t, tab, {
    entries: skipped(page.entries),
    next: again && entry?.cid === page.cid && entry.n === page.next - 1 ? page.next - 1 : page.next,
  })
}
