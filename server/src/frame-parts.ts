import type { ClientFrame } from '@durable-sync/core/wire'

/** So many writes of one frame are carried out in one go, then others are served. */
const PART_ITEMS = 100

/** A push in parts of a turn's size: each of its items is atomic by itself, the frame is not. Any other frame is one part. */
export function* inParts(frame: ClientFrame): Generator<ClientFrame> {
  if (frame.type !== 'push') yield frame
  else
    for (let i = 0; i < frame.items.length; i += PART_ITEMS)
      yield { ...frame, items: frame.items.slice(i, i + PART_ITEMS) }
}

/** About how many writes a part is. */
export const weightOf = (part: ClientFrame): number => (part.type === 'push' ? part.items.length : 1)
