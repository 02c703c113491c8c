import type { RowCommit } from './row-commit.ts'
import type { StreamEffect, StreamEvent } from './stream-event.ts'
import type { StreamState, StreamStep } from './stream-state.ts'
import { type JoinedWindow, replaced, type Subscription } from './subscription.ts'
import { isLong, isShort, targetSize } from './window-size.ts'

type EventOf<T extends StreamEvent['type']> = Extract<StreamEvent, { type: T }>

const unchanged = (state: StreamState): StreamStep => ({ state, effects: [] })

const withWindow = (state: StreamState, sub: Subscription, window: JoinedWindow): StreamState => ({
  ...state,
  subs: replaced(state.subs, { ...sub, phase: { is: 'joined', window } }),
})

/** Asks for the next rows of a window that is short of rows, if there are any and none are asked for yet. */
function askPage(state: StreamState, id: number, at: number): StreamStep {
  const sub = state.subs.get(id)
  const window = sub?.phase.is === 'joined' ? sub.phase.window : null
  if (!sub || !window?.boundary || window.page || !isShort(window.held, sub.limit)) return unchanged(state)
  const request = state.nextPage
  const asked = withWindow(state, sub, { ...window, page: { request, askedAt: at } })
  const limit = targetSize(sub.limit) - window.held
  return {
    state: { ...asked, nextPage: request + 1 },
    effects: [{ type: 'send', frame: { type: 'page', request, sub: sub.id, after: window.boundary, limit } }],
  }
}

/** Asks for every window that is short: the pages that an ended socket owed are not coming. */
export function askPages(state: StreamState, at: number): StreamStep {
  const effects: StreamEffect[] = []
  let current = state
  for (const id of state.subs.keys()) {
    const step = askPage(current, id, at)
    current = step.state
    effects.push(...step.effects)
  }
  return { state: current, effects }
}

/** What a window holds now. One that was cut is told to the server, one that is short asks for more. */
export function measured(state: StreamState, { sub: id, measure, at }: EventOf<'measured'>): StreamStep {
  const sub = state.subs.get(id)
  const window = sub?.phase.is === 'joined' ? sub.phase.window : null
  if (!sub || !window) return unchanged(state)
  const { held, cut } = measure
  // A page that was asked for goes on behind rows that are no longer there: its answer must match nothing.
  const next = withWindow(state, sub, cut ? { boundary: cut, held, page: null } : { ...window, held })
  const kept: StreamEffect[] =
    cut && state.position !== null
      ? [{ type: 'extended', sub: id, at: state.position, blocks: [], boundary: cut }]
      : []
  if (state.phase !== 'live') return { state: next, effects: kept }
  // Neither is a page lost that is still wanted: more rows may have been asked for between the cut and this.
  const asked = askPage(next, id, at)
  if (!cut) return asked
  const frame = { type: 'narrow', sub: id, boundary: cut } as const
  return { state: asked.state, effects: [...kept, { type: 'send', frame }, ...asked.effects] }
}

/** Notes how many rows are wanted. */
export function remember(state: StreamState, { sub: id, limit }: EventOf<'resized'>): StreamStep {
  const sub = state.subs.get(id)
  if (!sub || sub.limit === limit) return unchanged(state)
  return unchanged({ ...state, subs: replaced(state.subs, { ...sub, limit }) })
}

/** Another number of rows is wanted: fewer are let go at once, more are asked for. */
export function resized(state: StreamState, event: EventOf<'resized'>): StreamStep {
  const { state: next } = remember(state, event)
  const sub = next.subs.get(event.sub)
  const window = sub?.phase.is === 'joined' ? sub.phase.window : null
  if (!sub || !window) return unchanged(next)
  return isLong(window.held, sub.limit) ? cutDown(next, sub, window) : askPage(next, event.sub, event.at)
}

/** An empty commit: the collection measures the window, and cuts it. */
function cutDown(state: StreamState, sub: Subscription, { boundary }: JoinedWindow): StreamStep {
  const { rows, limit, id } = sub
  if (!rows || state.position === null) return unchanged(state)
  const { key, kinds } = rows
  const window = { boundary, limit }
  const commit: RowCommit = { blocks: [], key, kinds, as: 'merge', at: state.position, window }
  return { state, effects: [{ type: 'apply', commits: [{ sub: id, commit, news: [] }] }] }
}

/** The subscription that awaits this page. Numbers of dropped pages match none. */
export function awaitingPage(state: StreamState, request: number): Subscription | undefined {
  for (const sub of state.subs.values())
    if (sub.phase.is === 'joined' && sub.phase.window?.page?.request === request) return sub
  return undefined
}

/** The next rows of a window, read at the socket's position, and its new boundary: one commit. */
export function page(state: StreamState, { frame, at }: EventOf<'page'>): StreamStep {
  const sub = awaitingPage(state, frame.request)
  const window = sub?.phase.is === 'joined' ? sub.phase.window : null
  if (!sub?.rows || !window || state.position === null) return unchanged(state)
  const { key, kinds } = sub.rows
  const { boundary } = frame
  const extent = { boundary, limit: sub.limit }
  const commit: RowCommit = {
    blocks: [frame],
    key,
    kinds,
    as: 'merge',
    at: state.position,
    window: extent,
  }
  return {
    state: { ...withWindow(state, sub, { ...window, boundary, page: null }), heardAt: at },
    effects: [
      { type: 'apply', commits: [{ sub: sub.id, commit, news: commit.blocks }] },
      { type: 'extended', sub: sub.id, at: state.position, blocks: commit.blocks, boundary },
    ],
  }
}
