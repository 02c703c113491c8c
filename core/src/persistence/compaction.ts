import { type BlindOp, writeBlindly } from './blind-write.ts'
import type { Database } from './database-layout.ts'
import { endOf, foldedRows, generationOps } from './kept-shape.ts'
import { readOneShape } from './read-room.ts'
import { encodeSegments } from './segments.ts'
import type { ShapeNode } from './shape-node.ts'
import { faultOf } from './storage-fault.ts'

/** Records that a compaction leaves, so that another tab which is somewhat behind still leads on from where it is. */
export const TAIL = 32

export interface Compacted {
  readonly generation: number
  readonly segmentBytes: number
  /** How many records the new segments stand for. */
  readonly records: number
  /** Where what is kept ends. */
  readonly end: ShapeNode
}

export interface CompactionPlan {
  readonly ops: readonly BlindOp[]
  readonly compacted: Compacted
}

/** What would fold all but the last records of a shape into segments of the next generation; null when there is nothing to fold. */
export async function planCompaction(
  database: Database,
  room: string,
  key: string,
): Promise<CompactionPlan | null> {
  const shape = await readOneShape(database, room, key)
  const records = shape ? shape.path.length - TAIL : 0
  const base = shape?.path[records - 1]?.to
  if (!shape || !base) return null
  const segments = encodeSegments(foldedRows(shape, records))
  const generation = shape.generation + 1
  const segmentBytes = segments.reduce((sum, { length }) => sum + length, 0)
  return {
    ops: generationOps(room, shape.header, generation, base, segments),
    compacted: { generation, segmentBytes, records, end: endOf(shape) },
  }
}

/**
 * What it writes was read in a transaction of its own, and much may have happened in between. Two tabs agree by `add`, which fails for
 * the one that comes second; a snapshot that was kept meanwhile has taken the generation too.
 * @returns null when nothing was done.
 */
export async function compact(database: Database, plan: CompactionPlan): Promise<Compacted | null> {
  try {
    await writeBlindly(database, plan.ops, 'relaxed')
    return plan.compacted
  } catch (error) {
    if (faultOf(error) === 'taken') return null
    throw error
  }
}
