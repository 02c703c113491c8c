import type { CidVerdict, Outcome } from '../wire/index.ts'
import { DEFAULT_LIMITS } from '../wire/limits.ts'
import { cutOff, type Entry, isOpen, mayHaveRun, QUEUED } from './entry.ts'
import { type Lane, laneOf, unlinked, withLane } from './lane.ts'
import type { EventOf, Settled } from './outbox-event.ts'
import type { OutboxState, OutboxStep } from './outbox-state.ts'
import { decide, settled } from './settle-steps.ts'
import { OUTCOME_UNKNOWN } from './write-result.ts'

const COMMITTED: Outcome = { is: 'committed' }

const DAY_MS = 24 * 3_600_000
/** Carried longer ago, the server may have run it and swept the client id since, which it does after 90 days of silence. */
const SWEPT_MS = 80 * DAY_MS

/** The server's clock now, as far as we know; null before the first welcome. */
export const serverNow = ({ clocks }: OutboxState, at: number): number | null =>
  clocks && clocks.server + Math.max(0, at - clocks.local)

/** True when the server would still know the client id if it had run the write. */
export function isRecent({ carriedAt }: Entry, now: number): boolean {
  const age = carriedAt === null ? Number.POSITIVE_INFINITY : now - carriedAt
  // What was carried in the future was timed by a clock that is wrong, and tells nothing.
  return age > -DAY_MS && age < SWEPT_MS
}

/** What was on its way is on its way no more; whether it arrived is for the next welcome to say. */
export function lose(state: OutboxState): OutboxStep {
  const { own } = state
  const entries = state.entries.map(cutOff)
  const lanes = unlinked(state.lanes, entries, own?.cid)
  return { state: { ...state, phase: 'down', entries, lanes, welcomed: null }, effects: [] }
}

export function welcome(state: OutboxState, { frame, at }: EventOf<'welcome'>): OutboxStep {
  const lost = lose(state).state
  const { itemsPerPush = DEFAULT_LIMITS.itemsPerPush } = frame.limits
  return {
    state: {
      ...lost,
      phase: 'resuming',
      lanes: frame.cids.reduce((lanes, { cid }) => withLane(lanes, cid, { link: 'declared' }), lost.lanes),
      welcomed: { verdicts: frame.cids, now: frame.now },
      clocks: { server: frame.now, local: at },
      limits: { ...frame.limits, itemsPerPush },
    },
    effects: [],
  }
}

/** The last number that this history has decided under a client id. */
const lastOf = ({ is, last }: CidVerdict): number => (is === 'known' || is === 'retired' ? last : 0)

const isSpent = ({ is }: CidVerdict): boolean => is === 'retired' || is === 'foreign'

function judgedLane(lane: Lane, verdict: CidVerdict): Partial<Lane> {
  const last = lastOf(verdict)
  if (isSpent(verdict)) return { made: 'elsewhere', link: 'spent', expects: null, floor: null }
  // What was kept by another history, and acknowledged there, is none of this one.
  return {
    expects: last + 1,
    floor: last + 1,
    kept: Math.min(lane.kept, last),
    told: Math.min(lane.told, last),
  }
}

/** Every number up to the last is decided. An outcome that the pass did not carry carries nothing: it was committed. */
function decideThrough(state: OutboxState, verdicts: ReadonlyMap<string, CidVerdict>): OutboxStep {
  const outcomes = new Map<string, Map<number, Outcome>>()
  for (const entry of state.entries) {
    const { cid, n } = entry.number
    const verdict = verdicts.get(cid)
    if (!verdict || !isOpen(entry) || n > lastOf(verdict)) continue
    const byNumber = outcomes.get(cid) ?? new Map<number, Outcome>()
    outcomes.set(cid, byNumber.set(n, COMMITTED))
  }
  return decide(state, outcomes)
}

/**
 * A write that waits for its join was decided by the history that an earlier socket spoke to. A history without a record of it has not
 * run it: it is open again, or the join would confirm what is gone.
 */
function reopened(entry: Entry, verdict: CidVerdict | undefined): Entry {
  if (entry.stage.is !== 'decided' || !verdict || isSpent(verdict)) return entry
  return entry.number.n <= lastOf(verdict) ? entry : { ...entry, stage: QUEUED, tried: 'before' }
}

/** Unknown after a long silence is no proof that it has not run: the client id may have been forgotten together with its numbers. */
const isLost = (entry: Entry, verdict: CidVerdict | undefined, now: number): boolean =>
  verdict?.is === 'unknown' && isOpen(entry) && mayHaveRun(entry) && !isRecent(entry, now)

/** The pass that answers hello has been applied: settles what the welcome decided. What is left keeps its numbers. */
export function reconcile(before: OutboxState, { at }: EventOf<'live'>): OutboxStep {
  const { verdicts, now } = before.welcomed ?? { verdicts: [], now: 0 }
  const byCid = new Map(verdicts.map((verdict) => [verdict.cid, verdict]))
  let { lanes, own } = before
  for (const verdict of verdicts) {
    lanes = withLane(lanes, verdict.cid, judgedLane(laneOf(lanes, verdict.cid), verdict))
    if (isSpent(verdict) && own?.cid === verdict.cid) own = null
  }
  const entries = before.entries.map((entry) => reopened(entry, byCid.get(entry.number.cid)))
  const live: OutboxState = { ...before, phase: 'live', welcomed: null, heardAt: at, entries, lanes, own }
  const decided = decideThrough(live, byCid)
  const lost = decided.state.entries
    .filter((entry) => isLost(entry, byCid.get(entry.number.cid), now))
    .map((entry): Settled => ({ entry, result: OUTCOME_UNKNOWN }))
  const step = settled(decided.state, lost, 'to keep')
  return { state: step.state, effects: [...decided.effects, ...step.effects, { type: 'flush-soon' }] }
}
