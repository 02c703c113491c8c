import { apply, end, inOrder, taken } from './memory.ts'
import type { Down, Entry, Frame, Page, Relayed, State, TabIndex } from './state.ts'
import { otherTab } from './state.ts'
import { change, storeOf, type Turn } from './turn.ts'
import { sendUp } from './write-steps.ts'

/** A follower that its leader does not serve mounts there, under the position of its own rows. Each mount has a number of its own. */
export const canMount = ({ pages }: State, tab: TabIndex): boolean => {
  const page = pages[tab]
  const leader = pages[otherTab(tab)]
  if (page.leads || !leader.leads || leader.is !== 'open' || leader.user !== page.user) return false
  return leader.socket === 'live' && leader.serves?.link !== page.link
}
export const mount = (t: Turn, tab: TabIndex): void => {
  const { link, position } = t.s.pages[tab]
  change(t, tab, { link: link + 1, inbox: [] })
  change(t, otherTab(tab), { serves: { link: link + 1, since: position, joined: false } })
  join(t, otherTab(tab))
}
/** The leader joins for the one that has mounted; on the next socket again, if this one does not bring the answer. */
export const join = (t: Turn, tab: TabIndex): void => {
  const { serves } = t.s.pages[tab]
  if (serves && !serves.joined) sendUp(t, tab, [{ is: 'join', link: serves.link, since: serves.since }])
}
/** It comes behind everything that the socket had before, so leader and follower are at one position from here on. */
export const onJoined = (t: Turn, tab: TabIndex, frame: Extract<Down, { is: 'joined' }>): void => {
  const page = t.s.pages[tab]
  const { link, since, replace, at, rows } = frame
  if (page.serves?.link !== link) return
  change(t, tab, { serves: { link, since: at, joined: true } })
  const pending = page.entries.filter(({ stored }) => stored)
  const ended = t.s.pages[otherTab(tab)].entries
    .filter(({ stored, write }) => stored && !pending.some((entry) => entry.write === write))
    .map(({ write }) => write)
  send(t, tab, {
    is: 'joined',
    link,
    frame: { replace, from: since, to: at, rows, ends: [] },
    pending: pending.map(({ write, cid, n, mark, skip }) => ({ write, cid, n, mark, skip })),
    ended,
  })
}

export const relay = (t: Turn, tab: TabIndex, frame: Frame): void => {
  const { serves } = t.s.pages[tab]
  if (t.rules.relayed === 'to whoever listens') send(t, tab, { is: 'commit', link: 0, frame })
  else if (serves?.joined) send(t, tab, { is: 'commit', link: serves.link, frame })
}
const send = (t: Turn, from: TabIndex, message: Relayed): void => {
  const to = otherTab(from)
  const { is, user, inbox } = t.s.pages[to]
  if ((is === 'open' || is === 'frozen') && user === t.s.pages[from].user)
    change(t, to, { inbox: [...inbox, message] })
}

/** A follower applies what belongs to its mount, in order. After a hole it mounts anew. */
export const relayed = (t: Turn, tab: TabIndex): void => {
  const page = t.s.pages[tab]
  const [message, ...inbox] = page.inbox
  if (!message) return
  change(t, tab, { inbox })
  if (page.leads) return
  if (message.link !== page.link && message.link > 0) {
    if (t.rules.overlayEnds === 'on the receipt' && message.is === 'commit') end(t, tab, message.frame.ends)
  } else if (message.is === 'hole') {
    if (t.rules.relayed === 'numbered, by mount') change(t, tab, { link: page.link + 1, inbox: [] })
  } else {
    apply(t, tab, message.frame)
    if (message.is === 'joined') agree(t, tab, message)
  }
}
/** What is pending is what the leader holds pending, and what it does not know of yet. */
const agree = (t: Turn, tab: TabIndex, { pending, ended }: Extract<Relayed, { is: 'joined' }>): void => {
  const page: Page = t.s.pages[tab]
  const isPending = (write: number) => pending.some((entry) => entry.write === write)
  const entries: Entry[] = page.entries.filter(({ write }) => !ended.includes(write))
  for (const entry of pending)
    if (!entries.some(({ write }) => write === entry.write)) entries.push(taken(entry))
  const { outbox } = storeOf(t, page.user)
  const done = outbox.map(({ write }) => write).filter((write) => ended.includes(write))
  change(t, tab, {
    entries: inOrder(t, entries),
    done: [...new Set([...page.done.filter((write) => !isPending(write)), ...done])].sort(),
  })
}

/** The channel has lost a message; the next one, or the heartbeat, shows it. */
export const loseRelayed = (t: Turn, tab: TabIndex): void => {
  const { inbox } = t.s.pages[tab]
  const last = inbox.at(-1)
  if (last) change(t, tab, { inbox: [...inbox.slice(0, -1), { is: 'hole', link: last.link }] })
}
