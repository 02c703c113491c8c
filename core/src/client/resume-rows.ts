import type { StoredShape } from '../persistence/room-storage.ts'
import type { HeldFrom } from '../stream/stream-event.ts'

/**
 * From where a subscription goes on.
 *
 * shown    what is kept is shown: nothing was, or what is shown is the same.
 * under    what is kept lies under what is shown: the server's first answer is laid over it, and replaces what is shown.
 * memory   nothing is kept that could go on: what is shown does, and is kept no further.
 * anew     nothing is shown, and nothing is kept.
 */
export type Resumption =
  | { readonly from: 'shown'; readonly shape: StoredShape }
  | { readonly from: 'same' | 'memory'; readonly held: HeldFrom }
  | { readonly from: 'under'; readonly shape: StoredShape }
  | { readonly from: 'anew' }

/**
 * Law: rows and position are taken from one place, what is shown or what is kept. Shown rows under the position of kept ones would stay for
 * ever after a restore to a point between the two; the other way round, changes between them would be missed.
 */
export function resumption(shown: HeldFrom | null, shape: StoredShape | undefined): Resumption {
  if (!shape) return shown ? { from: 'memory', held: shown } : { from: 'anew' }
  if (!shown) return { from: 'shown', shape }
  const { position, window } = shown.since
  const isSame =
    !shown.under &&
    shape.position === position &&
    JSON.stringify(window?.boundary) === JSON.stringify(shape.boundary)
  return isSame ? { from: 'same', held: shown } : { from: 'under', shape }
}
