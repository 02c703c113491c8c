import type { SyncEvent } from '../observer/sync-event.ts'

/** What a timeline is filtered by. */
export type EventKind = 'in' | 'out' | 'writes' | 'rows' | 'connection'

export const KINDS: readonly (readonly [kind: EventKind, label: string])[] = [
  ['in', 'Frames in'],
  ['out', 'Frames out'],
  ['writes', 'Writes'],
  ['rows', 'Rows'],
  ['connection', 'Connection'],
]

/** Of one that a later version of core has added: it is shown with the connection. */
export function kindOf(event: SyncEvent): EventKind {
  switch (event.type) {
    case 'frame':
      return event.way
    case 'write':
      return 'writes'
    case 'position':
    case 'subscription':
      return 'rows'
    default:
      return 'connection'
  }
}
