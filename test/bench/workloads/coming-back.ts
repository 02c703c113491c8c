import { CountingReader } from '../counting-reader.ts'
import { filledRoom } from '../filled-room.ts'
import { BYTES } from '../memory.ts'
import { all } from '../patience.ts'
import { cellsOf, rowsFrom } from '../row.ts'
import type { Side } from '../side.ts'
import {
  type Figure,
  type Measurement,
  NOTHING_TO_CLOSE,
  type Prepared,
  type Workload,
  type WorkloadContext,
} from '../workload.ts'

const FIRST = 'hello to the first who is live again'
const LAST = 'hello to all live again'
const READ = 'rows read, a client'
const ADDED: Figure = {
  name: 'memory of the object: what they add to its process at the highest',
  unit: 'MB',
}
/** There before they left. */
const SHOWN = 10

/**
 * W12: everybody was away while the same rows were written, and says hello in the same moment. The sockets read as fast as this machine does, and
 * keep nothing. The object's heap is limited as in W11.
 */
export const comingBack: Workload = {
  name: 'W12',
  title: ({ cutOff, missedRows }) =>
    `${cutOff} sockets were away while ${missedRows} rows were written, and come back at once`,
  kind: 'counted',
  sides: ['product'],
  heapMiB: 64,
  figures: [{ name: FIRST, unit: 'ms' }, { name: LAST, unit: 'ms' }, { name: READ, unit: 'rows' }, ADDED],
  prepare: async (side: Side, context: WorkloadContext): Promise<Prepared> => ({
    measure: () => measure(side, context),
    close: NOTHING_TO_CLOSE,
  }),
}

async function measure(side: Side, { scale, port, server }: WorkloadContext): Promise<Measurement> {
  const { cutOff, missedRows } = scale
  const room = await filledRoom(side, SHOWN)
  const shown = await CountingReader.open(port, room, 'user')
  await all('the rows before', [shown.join()])
  const { leftAt } = shown
  shown.close()
  await side.control(room, 'insert', { rows: rowsFrom(SHOWN, missedRows).map(cellsOf) })
  const readers = await Promise.all(
    Array.from({ length: cutOff }, (_, i) => CountingReader.dial(port, room, `user-${i}`)),
  )
  await side.control(room, 'count', null)
  const before = server?.growth()
  const start = performance.now()
  const times: number[] = []
  const found = await all(
    'all who come back',
    readers.map(async (reader, i) => {
      const rows = await reader.hello(`user-${i}`, leftAt)
      times.push(performance.now() - start)
      return rows
    }),
  )
  const after = server?.growth()
  const { rowsRead } = await side.control(room, 'counts', null)
  for (const reader of readers) reader.close()
  if (found.some((rows) => rows !== missedRows))
    throw new Error(`${[...new Set(found)].join()} rows of ${missedRows} came`)
  return {
    [FIRST]: Math.min(...times),
    [LAST]: Math.max(...times),
    [READ]: rowsRead / cutOff,
    ...(before && after && { [ADDED.name]: (after.peak - before.now) / BYTES }),
  }
}
