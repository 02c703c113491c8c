import type { ClientFrame, PushItem } from '@durable-sync/core/wire'

/** So many writes are carried out in one go, then others are served. */
export const PART_WRITES = 100

/** About how many writes it is: its number and its permission are one half of a write, each operation is another. */
export const weightOfItem = (item: PushItem): number =>
  item.do === 'mutate' && item.ops.length > 1 ? (1 + item.ops.length) / 2 : 1

/** A push in parts of a turn's size: each of its items is atomic by itself, the frame is not. Any other frame is one part. */
export function* inParts(frame: ClientFrame): Generator<ClientFrame> {
  if (frame.type !== 'push') {
    yield frame
    return
  }
  let first = 0
  let weight = 0
  for (const [i, item] of frame.items.entries()) {
    weight += weightOfItem(item)
    if (weight < PART_WRITES) continue
    yield { ...frame, items: frame.items.slice(first, i + 1) }
    first = i + 1
    weight = 0
  }
  if (first < frame.items.length) yield { ...frame, items: frame.items.slice(first) }
}

/** About how many writes a part is. */
export const weightOf = (part: ClientFrame): number =>
  part.type === 'push' ? part.items.reduce((sum, item) => sum + weightOfItem(item), 0) : 1
