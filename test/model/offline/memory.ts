import { put } from './line.ts'
import type { Ending, Entry, Frame, Page, Stored, TabIndex } from './state.ts'
import { change, commit, loadedRows, storeOf, type Turn, tell } from './turn.ts'

/** By the order of the store, which every tab sees; what is not stored yet comes last. */
export const inOrder = ({ s }: Turn, entries: readonly Entry[]): readonly Entry[] => {
  const order = ({ write }: Entry) => s.writes[write - 1]?.stored || 1000 + write
  return entries.toSorted((a, b) => order(a) - order(b))
}
export const taken = (stored: Stored): Entry => ({ ...stored, stored: true, sent: false })

/**
 * What was stored in another tab is known here as soon as this page runs: it was broadcast. Marks are not; they are read
 * with `withMarks`.
 */
const news = (t: Turn, page: Page): readonly Entry[] | null => {
  const { outbox } = storeOf(t, page.user)
  let changed = false
  const entries = page.entries.map((entry) => {
    if (entry.skip || !outbox.some(({ write, skip }) => skip && write === entry.write)) return entry
    changed = true
    return { ...entry, skip: true }
  })
  for (const stored of outbox) {
    const { write } = stored
    if (page.done.includes(write) || entries.some((entry) => entry.write === write)) continue
    changed = true
    entries.push(taken(stored))
  }
  return changed ? inOrder(t, entries) : null
}
export const withMarks = (t: Turn, tab: TabIndex): void => {
  const page = t.s.pages[tab]
  const { outbox } = storeOf(t, page.user)
  const entries = page.entries.map((entry) => {
    const now = outbox.find(({ write }) => write === entry.write)
    return now && now.mark !== entry.mark ? { ...entry, mark: now.mark } : entry
  })
  change(t, tab, { entries })
}
/** What is stored no more was ended by another tab. */
export const absent = (t: Turn, { user, entries }: Page): readonly Entry[] => {
  const { outbox } = storeOf(t, user)
  return entries.filter(({ write, stored }) => stored && !outbox.some((each) => each.write === write))
}

/** Rows and outbox as they are stored; what this page still waits to store stays. */
export const load = (t: Turn, tab: TabIndex): void => {
  const page = t.s.pages[tab]
  const store = storeOf(t, page.user)
  const own = page.entries.filter((entry) => !entry.stored)
  const entries = inOrder(t, [...store.outbox.map(taken), ...own])
  change(t, tab, { ...loadedRows(t, store), entries, done: [], frames: [], half: [] })
}

/** A frame takes effect in memory: rows, position and endings in one step. */
export const apply = (t: Turn, tab: TabIndex, frame: Frame): void => {
  const page = t.s.pages[tab]
  change(t, tab, {
    rows: frame.replace ? frame.rows : put(page.rows, frame.rows),
    position: frame.to,
    frames: page.leads ? [...page.frames, frame] : page.frames,
  })
  end(t, tab, frame.ends)
}
/** The app is told, and the writes are no longer shown over the rows. */
export const end = (t: Turn, tab: TabIndex, ends: readonly Ending[]): void => {
  if (ends.length === 0) return
  const page = t.s.pages[tab]
  const { outbox } = storeOf(t, page.user)
  for (const { write, end } of ends) {
    const mark = page.entries.find((entry) => entry.write === write)?.mark
    if (mark !== undefined) tell(t, write, end, mark)
  }
  const ended = (write: number) => ends.some((ending) => ending.write === write)
  change(t, tab, {
    entries: page.entries.filter(({ write }) => !ended(write)),
    done: [...page.done, ...outbox.map(({ write }) => write).filter(ended)].sort(),
  })
  if (t.rules.deleted === 'on the receipt') commit(t, page.user, { outbox: without(outbox, ends) })
}
export const without = (outbox: readonly Stored[], ends: readonly Ending[]): readonly Stored[] =>
  outbox.filter(({ cid, n }) => !ends.some((ending) => ending.cid === cid && ending.n === n))

/** What happens at once, and what is of no use any more: equal situations are to be equal states. */
export const tidy = (t: Turn): void => {
  for (const tab of [0, 1] as const) {
    const page = t.s.pages[tab]
    if (page.is === 'closed') continue
    if (page.is === 'open') {
      const entries = news(t, page)
      if (entries) change(t, tab, { entries })
    }
    if (page.done.length === 0) continue
    const { outbox } = storeOf(t, page.user)
    const done = page.done.filter((write) => outbox.some((entry) => entry.write === write))
    if (done.length < page.done.length) change(t, tab, { done })
  }
}
