import type { Block, ChangesFrame, Position, Receipt } from '../wire/index.ts'
import { gap } from './gap-step.ts'
import { startJoins } from './join-steps.ts'
import type { RowCommit } from './row-commit.ts'
import type { StreamEffect, StreamEvent } from './stream-event.ts'
import type { StreamState, StreamStep } from './stream-state.ts'

/** Where the next frame has to start. */
const expectedFrom = (state: StreamState): Position | null => state.pass.at(-1)?.to ?? state.position

function blocksOf({ tables }: ChangesFrame, table: string): readonly Block[] {
  const block = Object.hasOwn(tables, table) ? tables[table] : undefined
  return block ? [block] : []
}

function commitsOf(
  state: StreamState,
  frames: readonly ChangesFrame[],
): { sub: number; commit: RowCommit }[] {
  const commits: { sub: number; commit: RowCommit }[] = []
  for (const { id, spec, phase, rows } of state.subs.values()) {
    if (phase.is !== 'joined' || !rows) continue
    const blocks = frames.flatMap((frame): readonly Block[] => blocksOf(frame, spec.collection))
    if (blocks.length > 0)
      commits.push({ sub: id, commit: { blocks, key: rows.key, kinds: rows.kinds, as: 'merge' } })
  }
  return commits
}

/** One frame of a pass: staged while more are to come, applied together with the staged ones when it is the last. */
export function pass(
  state: StreamState,
  { frame, at }: Extract<StreamEvent, { type: 'changes' }>,
): StreamStep {
  const expected = expectedFrom(state)
  // All frames of one pass may as well repeat where the pass started.
  const startsHere = frame.from === expected || (state.pass.length > 0 && frame.from === state.pass[0]?.from)
  if (!startsHere) return gap(state, at, `changes from ${frame.from} arrived at ${expected}`)
  const frames = [...state.pass, frame]
  if (frame.more) return { state: { ...state, pass: frames, heardAt: at }, effects: [] }

  const effects: StreamEffect[] = []
  const commits = commitsOf(state, frames)
  if (commits.length > 0) effects.push({ type: 'apply', commits })
  const receipts = frames.flatMap((each): readonly Receipt[] => each.settled ?? [])
  if (receipts.length > 0) effects.push({ type: 'receipts', receipts })
  const moved: StreamState = { ...state, position: frame.to, pass: [], heardAt: at }
  if (state.phase !== 'resuming' || !frame.live) return { state: moved, effects }

  effects.push({ type: 'live' })
  for (const sub of moved.leaving) effects.push({ type: 'send', frame: { type: 'leave', sub } })
  const joins = startJoins({ ...moved, phase: 'live', leaving: [] }, at)
  return { state: joins.state, effects: [...effects, ...joins.effects] }
}
