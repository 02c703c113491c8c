import { historyOf, seqOf, withStep } from './line.ts'
import { without } from './memory.ts'
import type { Frame, LogStep, Page, Store, TabIndex } from './state.ts'
import { change, commit, loadedRows, storeOf, type Turn } from './turn.ts'

/** W3: the frames that were applied, and the end of the writes whose receipts they carry, in one transaction. */
export const flush = (t: Turn, tab: TabIndex): void => {
  const page = t.s.pages[tab]
  const { frames, user } = page
  const store = storeOf(t, user)
  const ends = frames.flatMap((frame) => frame.ends)
  const outbox = without(store.outbox, ends)
  const failed = ends.some(({ end }) => end === 'rejected' || end === 'unknown')
  const durability = failed && t.rules.failedStrict ? 'strict' : 'relaxed'
  const next = continued(t, store, frames)
  if (t.rules.flush === 'whole state')
    commit(t, user, { position: page.position, rows: page.rows, log: [], outbox }, durability)
  else if (t.rules.position === 'with the rows') commit(t, user, { ...next, outbox }, durability)
  else {
    const { position, rows } = loadedRows(t, next)
    const ahead = t.rules.position === 'before the rows'
    commit(t, user, ahead ? { position } : { rows, outbox })
    change(t, tab, { half: frames })
    return
  }
  flushed(t, tab, frames)
}
/** Only where a flush takes two transactions. */
export const flushRest = (t: Turn, tab: TabIndex): void => {
  const { half, user } = t.s.pages[tab]
  const store = storeOf(t, user)
  const next = continued(t, { ...store, position: half[0]?.from ?? 0 }, half)
  const ends = half.flatMap((frame) => frame.ends)
  commit(t, user, { ...next, outbox: without(store.outbox, ends) })
  flushed(t, tab, half)
  change(t, tab, { half: [] })
}
const flushed = (t: Turn, tab: TabIndex, stored: readonly Frame[]): void => {
  const page = t.s.pages[tab]
  const ends = stored.flatMap((frame) => frame.ends)
  const rejected = ends.filter(({ end }) => end === 'rejected')
  const cids = ends.map(({ cid }) => cid).filter((cid) => cid !== page.cid)
  change(t, tab, {
    frames: page.frames.filter((frame) => !stored.includes(frame)),
    seen:
      t.rules.seen === 'when stored'
        ? [...page.seen, ...rejected.map(({ cid, n }) => ({ cid, n, as: 'rejected' as const }))]
        : page.seen,
    emptied: t.scenario.retires ? [...new Set([...page.emptied, ...cids])].sort() : [],
  })
}

/**
 * The store with these frames: one record for all of them. It says where it starts and where it leads, and looks at nothing that is
 * there. Rows that are whole are a new generation; what was stored of another history goes.
 */
const continued = ({ rules }: Turn, store: Store, frames: readonly Frame[]): Store => {
  let next = store
  let step: LogStep | null = null
  for (const { replace, from, to, rows } of frames)
    if (replace) {
      const isLost =
        historyOf(from) !== historyOf(to) || (rules.reset === 'clears the log' && seqOf(to) < seqOf(from))
      const log = isLost ? [] : next.log.filter((each) => seqOf(each.to) >= seqOf(to))
      next = { ...next, gen: next.gen + 1, position: to, rows, log }
      step = null
    } else step = step ? { from: step.from, to, rows: merged(step.rows, rows) } : { from, to, rows }
  return step ? { ...next, log: withStep(next.log, step) } : next
}
const merged = (first: LogStep['rows'], then: LogStep['rows']): LogStep['rows'] => [
  then[0] < 0 ? first[0] : then[0],
  then[1] < 0 ? first[1] : then[1],
]

/** Compaction reads first, and is written later: the same rows as the segments of the next generation. */
export const canCompact = ({ leads, copy }: Page): boolean => leads && !copy
export const compact = (t: Turn, tab: TabIndex): void => {
  const store = storeOf(t, t.s.pages[tab].user)
  change(t, tab, { copy: { gen: store.gen, ...loadedRows(t, store) } })
}
export const compacted = (t: Turn, tab: TabIndex): void => {
  const { copy, user } = t.s.pages[tab]
  const { gen, log } = storeOf(t, user)
  change(t, tab, { copy: null })
  if (!copy || (copy.gen !== gen && t.rules.compaction !== 'overwrites')) return
  const behind = log.filter(({ to }) => seqOf(to) >= seqOf(copy.position))
  commit(t, user, { ...copy, gen: gen + 1, log: t.rules.compaction === 'clears the log' ? [] : behind })
}
