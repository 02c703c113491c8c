import type { StoredShape } from '../persistence/room-storage.ts'
import { seqOf } from '../persistence/shape-node.ts'
import type { HeldFrom } from '../stream/stream-event.ts'

/**
 * From where a subscription goes on.
 *
 * stored   the rows that are kept are shown in place of what is shown.
 * memory   the rows that are shown stay. `rows`: whether what is kept goes on with them.
 * anew     what is shown stays until the server has sent all rows.
 */
export type Resumption =
  | { readonly from: 'stored'; readonly shape: StoredShape }
  | { readonly from: 'memory'; readonly held: HeldFrom; readonly rows: 'kept' | 'none' }
  | { readonly from: 'anew' }

/**
 * Rows are never shown older than they were, and a position is only ever lowered: rows that come again are the same rows. Where what is
 * kept is behind what is shown, both go on from what is kept.
 * Whether either still lies on the server's line is for the server to say.
 */
export function resumption(memory: HeldFrom | null, shape: StoredShape | undefined): Resumption {
  if (!memory) return shape ? { from: 'stored', shape } : { from: 'anew' }
  const { position, window } = memory.since
  if (!shape) return { from: 'memory', held: memory, rows: 'none' }
  const sameEnd = JSON.stringify(window?.boundary) === JSON.stringify(shape.boundary)
  if (shape.position === position && sameEnd) return { from: 'memory', held: memory, rows: 'kept' }
  if (seqOf(shape.position) > seqOf(position)) return { from: 'stored', shape }
  if (!sameEnd) return { from: 'anew' }
  const since = { ...memory.since, position: shape.position }
  return { from: 'memory', held: { ...memory, since }, rows: 'kept' }
}
