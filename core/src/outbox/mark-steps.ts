import { type Entry, QUEUED } from './entry.ts'
import type { EventOf, Numbered } from './outbox-event.ts'
import type { OutboxState, OutboxStep } from './outbox-state.ts'

/** How long to leave a busy server alone, and a storage that failed, in milliseconds. */
export const REST_MS = 1000

/** The entries of which this mark was asked for; one that has got another number since awaits another mark. */
function afterMark(state: OutboxState, marks: readonly Numbered[], change: Partial<Entry>): OutboxState {
  const byId = new Map(marks.map((mark) => [mark.id, mark]))
  const entries = state.entries.map((entry): Entry => {
    const { cid, n } = entry.number
    const mark = entry.stage.is === 'marking' ? byId.get(entry.id) : undefined
    return mark?.cid === cid && mark.n === n ? { ...entry, ...change, stage: QUEUED } : entry
  })
  return { ...state, entries }
}

export const marked = (state: OutboxState, { marks }: EventOf<'marked'>): OutboxStep => ({
  state: afterMark(state, marks, { mark: 'kept' }),
  effects: state.phase === 'live' ? [{ type: 'flush-soon' }] : [],
})

/** They stay, and are never sent unmarked: the next flush tries again. */
export const unmarked = (state: OutboxState, { marks }: EventOf<'unmarked'>): OutboxStep => ({
  state: afterMark(state, marks, {}),
  effects: [],
})

export function unmarkedWhileLive(state: OutboxState, event: EventOf<'unmarked'>): OutboxStep {
  return {
    state: { ...unmarked(state, event).state, phase: 'resting' },
    effects: [{ type: 'rest', ms: REST_MS }],
  }
}

export const rested = (state: OutboxState): OutboxStep => ({
  state: { ...state, phase: 'live' },
  effects: [{ type: 'flush-soon' }],
})
