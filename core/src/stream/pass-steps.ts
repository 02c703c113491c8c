import type { Block, ChangesFrame, Position, Receipt } from '../wire/index.ts'
import { gap } from './gap-step.ts'
import { startJoins } from './join-steps.ts'
import { askPages } from './page-steps.ts'
import type { StreamEffect, StreamEvent, SubCommit } from './stream-event.ts'
import type { StreamState, StreamStep } from './stream-state.ts'
import { replaced, type Subscriptions } from './subscription.ts'

/**
 * Whether `frame` goes on where this client is. All frames of a pass say the same `from` and `to`: one that starts at the staged `to`
 * belongs to the next pass, and the end of this one was lost.
 */
function isNext({ pass, position }: StreamState, frame: ChangesFrame): boolean {
  const [first] = pass
  return first ? frame.from === first.from && frame.to === first.to : frame.from === position
}

function blocksOf({ tables }: ChangesFrame, table: string): readonly Block[] {
  const block = Object.hasOwn(tables, table) ? tables[table] : undefined
  return block ? [block] : []
}

function commitsOf(state: StreamState, frames: readonly ChangesFrame[], at: Position): SubCommit[] {
  const commits: SubCommit[] = []
  const blocksByTable = new Map<string, readonly Block[]>()
  for (const { id, spec, phase, rows, limit, under } of state.subs.values()) {
    if (phase.is !== 'joined' || !rows) continue
    const { collection } = spec
    const blocks =
      blocksByTable.get(collection) ??
      frames.flatMap((frame): readonly Block[] => blocksOf(frame, collection))
    blocksByTable.set(collection, blocks)
    if (blocks.length === 0 && !under) continue
    const { key, kinds } = rows
    const window = phase.window ? { boundary: phase.window.boundary, limit } : null
    const part = under
      ? ({ blocks: [...under, ...blocks], as: 'replace' } as const)
      : ({ blocks, as: 'merge' } as const)
    commits.push({ sub: id, commit: { ...part, key, kinds, at, window }, news: blocks })
  }
  return commits
}

/** What was under the joined subscriptions is shown with their commits. */
function uncovered(subs: Subscriptions): Subscriptions {
  let next = subs
  for (const sub of subs.values())
    if (sub.under && sub.phase.is === 'joined') next = replaced(next, { ...sub, under: null })
  return next
}

/** One frame of a pass: staged while more are to come, applied together with the staged ones when it is the last. */
export function pass(
  state: StreamState,
  { frame, at }: Extract<StreamEvent, { type: 'changes' }>,
): StreamStep {
  if (!isNext(state, frame)) {
    const [first] = state.pass
    const expected = first ? `the pass ${first.from} to ${first.to}` : state.position
    return gap(state, at, `changes ${frame.from} to ${frame.to} arrived at ${expected}`)
  }
  const frames = [...state.pass, frame]
  if (frame.more) return { state: { ...state, pass: frames, heardAt: at }, effects: [] }

  const effects: StreamEffect[] = []
  const commits = commitsOf(state, frames, frame.to)
  if (commits.length > 0) effects.push({ type: 'apply', commits })
  // The first pass of a socket that claimed nothing has nobody whose rows it moves.
  if (state.position !== null && frame.from !== null)
    effects.push({ type: 'passed', from: state.position, to: frame.to, commits })
  const receipts = frames.flatMap((each): readonly Receipt[] => each.settled ?? [])
  if (receipts.length > 0) effects.push({ type: 'receipts', receipts })
  // A frame that is a pass by itself is somebody's write: a busy room is no answer to what was asked. A pass in parts holds up everything
  // behind it for as long as it takes to arrive.
  const heardAt = state.phase === 'resuming' || frames.length > 1 ? at : state.heardAt
  const moved: StreamState = {
    ...state,
    subs: uncovered(state.subs),
    position: frame.to,
    pass: [],
    heardAt,
  }
  if (state.phase !== 'resuming' || !frame.live) return { state: moved, effects }

  effects.push({ type: 'live' })
  for (const sub of moved.leaving) effects.push({ type: 'send', frame: { type: 'leave', sub } })
  const joins = startJoins({ ...moved, phase: 'live', leaving: [] }, at)
  const pages = askPages(joins.state, at)
  return { state: pages.state, effects: [...effects, ...joins.effects, ...pages.effects] }
}
