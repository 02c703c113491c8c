import type { Position } from '../wire/index.ts'
import { type Compacted, TAIL } from './compaction.ts'
import { endOf } from './kept-shape.ts'
import type { RoomCut } from './read-room.ts'
import { type ShapeNode, shapeNode } from './shape-node.ts'

/** Where a tab is with one shape. Write transactions read nothing: this is what they are made from. */
export interface ShapeThread {
  readonly generation: number
  readonly table: string
  readonly onDemand: boolean
  readonly usedAt: number
  /** Where its last record ends. */
  readonly kept: ShapeNode
  /** How far it has been followed; further than `kept` where nothing happened to it. Null: adrift, it is not kept any further. */
  readonly seen: Position | null
  /** Sizes of the records behind its segments, in the order they were written. */
  readonly log: readonly number[]
  readonly segmentBytes: number
}

export type ShapeThreads = ReadonlyMap<string, ShapeThread>

export function threadsOf({ shapes }: RoomCut): ShapeThreads {
  return new Map(
    shapes.map(({ kept, told }) => [
      told.key,
      {
        generation: kept.generation,
        table: told.spec.collection,
        onDemand: told.onDemand,
        usedAt: told.usedAt,
        kept: endOf(kept),
        seen: told.position,
        log: kept.path.map(({ bytes }) => bytes),
        segmentBytes: kept.segmentBytes,
      },
    ]),
  )
}

/** These are adrift: what is kept of them is not what was handed in. */
export function cutLoose(threads: ShapeThreads, keys: readonly string[]): ShapeThreads {
  const next = new Map(threads)
  for (const key of keys) {
    const thread = next.get(key)
    if (thread) next.set(key, { ...thread, seen: null })
  }
  return next
}

/** The thread after a compaction that was begun at `before`; `result` is null where somebody else did it, or nobody. */
export function compacted(thread: ShapeThread, before: ShapeThread, result: Compacted | null): ShapeThread {
  // What is left is counted again at the next load.
  if (!result || thread.generation !== result.generation - 1)
    return { ...thread, log: thread.log.slice(-TAIL) }
  const { generation, segmentBytes, records, end } = result
  const next = { ...thread, generation, segmentBytes, log: thread.log.slice(records) }
  // Another tab has led the shape elsewhere: what this one has kept since hangs in the air.
  return end.seq < before.kept.seq ? { ...next, seen: null } : next
}

const RECORDS = 1000
const BYTES = 64 * 1024

/** Measured: 1,000 records add half to what loading 10,000 rows takes. Below 64 KiB a log costs nothing, whatever its segments are. */
export function isDue({ log, segmentBytes }: ShapeThread): boolean {
  if (log.length <= TAIL) return false
  if (log.length >= RECORDS) return true
  const bytes = log.slice(0, -TAIL).reduce((sum, each) => sum + each, 0)
  return bytes >= Math.max(BYTES, segmentBytes / 2)
}

/** The thread of a shape of which a new generation is kept. */
export const started = (
  of: Pick<ShapeThread, 'generation' | 'table' | 'onDemand' | 'usedAt' | 'segmentBytes'>,
  at: Position,
  boundary: ShapeNode['boundary'],
): ShapeThread => ({ ...of, kept: shapeNode(at, boundary), seen: at, log: [] })
