import { emptyStore } from './line.ts'
import { load } from './memory.ts'
import { sweepSockets } from './server-steps.ts'
import { closed, type Store, type TabIndex, tabs, users } from './state.ts'
import { change, commit, loadedRows, replaced, storeOf, type Turn } from './turn.ts'
import { unseenAtOpen } from './visible.ts'

/** The client lets go of its socket. What it sent may still arrive. */
export const detach = (t: Turn, tab: TabIndex): void => {
  t.s.sockets = t.s.sockets.map((socket) =>
    socket.held && socket.tab === tab ? { ...socket, held: false, down: [] } : socket,
  )
  const page = t.s.pages[tab]
  const entries = page.entries.map((entry) => (entry.sent ? { ...entry, sent: false } : entry))
  change(t, tab, { socket: 'none', expects: [], entries })
  sweepSockets(t)
}

/** A page starts: a session of its own, and everything that is stored at once. */
export const open = (t: Turn, tab: TabIndex): void => {
  const { s, rules } = t
  s.sessions++
  const session = s.sessions
  const own = rules.numbers === 'of the page session'
  const store = storeOf(t, s.signedIn)
  s.pages = replaced(s.pages, tab, {
    ...closed,
    is: 'loading',
    user: s.signedIn,
    session,
    cid: own ? session : 1,
    next: own ? 1 : store.counter + 1,
    link: session * 10,
    ...loadedRows(t, store),
  })
  if (rules.loadedInOneCut) loaded(t, tab)
}
/** Only where rows and outbox are read one after the other is this a step of its own. */
export const loaded = (t: Turn, tab: TabIndex): void => {
  const { position, rows, user } = t.s.pages[tab]
  if (storeOf(t, user).outbox.some(({ write }) => t.s.writes[write - 1]?.user !== user))
    t.broken ??= 'I: a page of one user reads the store of another'
  load(t, tab)
  change(t, tab, { is: 'open', position, rows })
  t.broken ??= unseenAtOpen(t, t.s.pages[tab])
}

export const crash = (t: Turn, tab: TabIndex): void => {
  detach(t, tab)
  unlock(t, tab)
  t.s.pages = replaced(t.s.pages, tab, closed)
}
const unlock = (t: Turn, tab: TabIndex): void => {
  for (const user of users) if (t.s.locks[user] === tab) t.s.locks = replaced(t.s.locks, user, null)
}

/**
 * The lock is granted, or taken from a frozen page, which goes on believing. The new leader begins with what is stored, rows and
 * position together: of what it was relayed since nobody knows whether it is stored.
 */
export const lead = (t: Turn, tab: TabIndex): void => {
  const { user, rows, position } = t.s.pages[tab]
  t.s.locks = replaced(t.s.locks, user, tab)
  load(t, tab)
  if (t.rules.leads === 'from its rows, at the stored position') change(t, tab, { rows })
  if (t.rules.leads === 'from its rows and position') change(t, tab, { rows, position })
  change(t, tab, { leads: true, inbox: [], serves: null })
}
/** It hears that the lock is lost, or gives it back. What it has not stored is the next leader's to receive again. */
export const stopLeading = (t: Turn, tab: TabIndex): void => {
  detach(t, tab)
  unlock(t, tab)
  change(t, tab, { leads: false, frames: [], half: [], seen: [], emptied: [], serves: null })
}

/** Nothing more is shown, stored or sent. */
export const signOut = (t: Turn, tab: TabIndex): void => {
  stopLeading(t, tab)
  const { user, session } = t.s.pages[tab]
  t.s.pages = replaced(t.s.pages, tab, { ...closed, is: 'signed out', user, session })
}
/** Pending writes are given up, everything stored goes, the page with it; other tabs hear of it when they run. */
export const logout = (t: Turn, tab: TabIndex): void => {
  const { user } = t.s.pages[tab]
  const { outbox } = storeOf(t, user)
  t.s.writes = t.s.writes.map((known, i) =>
    outbox.some(({ write }) => write === i + 1) ? { ...known, told: known.told ?? 'discarded' } : known,
  )
  commit(t, user, emptyStore)
  t.s.signedIn = 1
  t.s.loggedOut = true
  crash(t, tab)
}

/** The machine stops. Of the transactions that are not on the disk, the last ones are gone. */
export const powerLoss = (t: Turn, store: Store): void => {
  for (const tab of tabs) if (t.s.pages[tab].is !== 'closed') crash(t, tab)
  t.s.stores = replaced(t.s.stores, 0, store)
  t.s.unsynced = []
  t.s.writes = t.s.writes.map((known, i) =>
    known.stored > 0 && !store.outbox.some(({ write }) => write === i + 1)
      ? { ...known, powerLost: true }
      : known,
  )
}

/** Long enough for the server to forget every client id. What was on its way is not any more; an idle socket may live. */
export const ninetyDays = (t: Turn): void => {
  const { s } = t
  for (const { tab, held, at, up, down } of s.sockets) {
    const idle = typeof at === 'number' && up.length === 0 && down.length === 0
    if (held && !(idle && s.pages[tab].is === 'open')) detach(t, tab)
  }
  s.sockets = s.sockets.filter(({ held }) => held)
  const swept = { is: 'swept', cid: 0, n: 0, write: 0, at: 0, by: 0 } as const
  s.server = { ...s.server, day: s.server.day + 1, journal: [...s.server.journal, swept] }
}
