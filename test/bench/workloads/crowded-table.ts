import { CountingReader } from '../counting-reader.ts'
import { filledRoom } from '../filled-room.ts'
import { BYTES, OBJECT_HEAP } from '../memory.ts'
import { all } from '../patience.ts'
import { rowsFrom } from '../row.ts'
import type { Side } from '../side.ts'
import {
  type Figure,
  type Measurement,
  NOTHING_TO_CLOSE,
  type Prepared,
  type Workload,
  type WorkloadContext,
} from '../workload.ts'

const TOOK = 'until all have all rows'
/** Written while all are there. */
const CHANGES = 100
const HEAP_PEAK: Figure = { name: 'memory of the object: heap of its isolate at its highest', unit: 'MB' }
const BEFORE: Figure = { name: 'memory of the object: growth of its process before the loads', unit: 'MB' }
const ADDED: Figure = {
  name: 'memory of the object: what the loads add to its process at the highest',
  unit: 'MB',
}

/**
 * W11: what an object holds of a large table while many ask for all of it at once. The sockets read as fast as this machine does and keep
 * nothing: a hundred clients of a hundred thousand rows each do not fit into one process, and it is the object that is measured. Its heap is
 * limited to half of what an object has: without a limit V8 lets garbage lie.
 */
export const crowdedTable: Workload = {
  name: 'W11',
  title: ({ heldRows, heldSockets }) =>
    `${heldRows} rows in a table, ${heldSockets} sockets load all of them at once, then ${CHANGES} rows change`,
  kind: 'counted',
  sides: ['product'],
  heapMiB: 64,
  figures: [{ name: TOOK, unit: 'ms' }, OBJECT_HEAP, HEAP_PEAK, BEFORE, ADDED],
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
  const before = server?.growth()
  const start = performance.now()
  let took = 0
  const load = async () => {
    const found = await all(
      'all loads',
      readers.map((reader) => reader.join()),
    )
    took = performance.now() - start
    if (found.some((rows) => rows !== heldRows)) throw new Error(`${found.join()} rows of ${heldRows} came`)
  }
  const heapPeak = server ? await server.isolate.heapDuring(load) : await load()
  const ids = rowsFrom(0, Math.min(CHANGES, heldRows)).map(({ id }) => id)
  await side.control(room, 'touch', { ids, content: 'changed' })
  await all(
    'all changes',
    readers.map((reader) => reader.changed(ids.length)),
  )
  const after = server?.growth()
  const heap = await server?.isolate.heap()
  for (const reader of readers) reader.close()
  return {
    [TOOK]: took,
    ...(heap !== undefined && { [OBJECT_HEAP.name]: heap / BYTES }),
    ...(heapPeak !== undefined && { [HEAP_PEAK.name]: heapPeak / BYTES }),
    ...(before &&
      after && {
        [BEFORE.name]: before.now / BYTES,
        [ADDED.name]: (after.peak - before.now) / BYTES,
      }),
  }
}
