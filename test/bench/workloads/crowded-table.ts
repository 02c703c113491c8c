import { CountingReader } from '../counting-reader.ts'
import { filledRoom } from '../filled-room.ts'
import { OBJECT_MEMORY, objectMemory } from '../memory.ts'
import { all } from '../patience.ts'
import { rowsFrom } from '../row.ts'
import type { Side } from '../side.ts'
import {
  type Measurement,
  NOTHING_TO_CLOSE,
  type Prepared,
  type Workload,
  type WorkloadContext,
} from '../workload.ts'

const TOOK = 'until all have all rows'
/** Written while all are there. */
const CHANGES = 100

/**
 * W11: what an object holds of a large table while many ask for all of it at once. The sockets read as fast as this machine does and keep
 * nothing: a hundred clients of a hundred thousand rows each do not fit into one process, and it is the object that is measured.
 */
export const crowdedTable: Workload = {
  name: 'W11',
  title: ({ heldRows, heldSockets }) =>
    `${heldRows} rows in a table, ${heldSockets} sockets load all of them at once, then ${CHANGES} rows change`,
  kind: 'counted',
  sides: ['product'],
  figures: [{ name: TOOK, unit: 'ms' }, ...OBJECT_MEMORY],
  prepare: async (side: Side, context: WorkloadContext): Promise<Prepared> => {
    const { heldRows } = context.scale
    const room = await filledRoom(side, heldRows)
    return { measure: () => measure(side, context, room), close: NOTHING_TO_CLOSE }
  },
}

async function measure(
  side: Side,
  { scale, port, server }: WorkloadContext,
  room: string,
): Promise<Measurement> {
  const { heldRows, heldSockets } = scale
  const readers = await Promise.all(
    Array.from({ length: heldSockets }, (_, i) => CountingReader.open(port, room, `user-${i}`)),
  )
  const start = performance.now()
  const found = await all(
    'all loads',
    readers.map((reader) => reader.join()),
  )
  const took = performance.now() - start
  if (found.some((rows) => rows !== heldRows)) throw new Error(`${found.join()} rows of ${heldRows} came`)
  const ids = rowsFrom(0, Math.min(CHANGES, heldRows)).map(({ id }) => id)
  await side.control(room, 'touch', { ids, content: 'changed' })
  await all(
    'all changes',
    readers.map((reader) => reader.changed(ids.length)),
  )
  const memory = await objectMemory(server)
  for (const reader of readers) reader.close()
  return { [TOOK]: took, ...memory }
}
