import { trafficSince } from '../counted-sockets.ts'
import { CLIENT_CPU, cpuFigures, cpuTime, SERVER_CPU } from '../cpu-time.ts'
import { MEMORY, memory } from '../memory.ts'
import { all } from '../patience.ts'
import { rowsFrom } from '../row.ts'
import { whenSize } from '../row-collection.ts'
import type { Side } from '../side.ts'
import {
  type Measurement,
  NOTHING_TO_CLOSE,
  newRoom,
  type Workload,
  type WorkloadContext,
} from '../workload.ts'

/** W3: all clients live in one process, so what they decode and apply is in the figures. */
export const audience: Workload = {
  name: 'W3',
  title: ({ audience, audienceWrites }) =>
    `${audience} clients, one of them writes ${audienceWrites} rows in one tick`,
  kind: 'timed',
  figures: [
    { name: 'until all clients have all rows', unit: 'ms' },
    { name: 'bytes down, a row and reader', unit: 'bytes' },
    CLIENT_CPU,
    SERVER_CPU,
    ...MEMORY,
  ],
  prepare: async (side, context) => ({ measure: () => measure(side, context), close: NOTHING_TO_CLOSE }),
}

async function measure(side: Side, context: WorkloadContext): Promise<Measurement> {
  const { scale, serverPid } = context
  const room = newRoom()
  const held = memory(context, scale.audience)
  const writer = side.client(room, 'user-000')
  const readers = Array.from({ length: scale.audience - 1 }, (_, i) => side.client(room, `user-${i + 1}`))
  await all(
    'the audience',
    [writer, ...readers].map(({ rows }) => rows.preload()),
  )
  const count = scale.audienceWrites
  const before = readers.map((reader) => reader.traffic())
  const used = cpuTime(serverPid)
  const seen = readers.map(({ rows }) => whenSize(rows, count))
  const start = performance.now()
  const written = rowsFrom(0, count).map((row) => writer.rows.insert(row).isPersisted.promise)
  await all('the broadcast', [...seen, ...written])
  const took = performance.now() - start
  await side.settled?.()
  const cpu = cpuFigures(used())
  const kept = await held()
  const down = readers.map(
    (reader, i) => trafficSince(before[i] ?? { up: 0, down: 0 }, reader.traffic()).down,
  )
  await Promise.all([writer, ...readers].map((client) => client.close()))
  return {
    'until all clients have all rows': took,
    'bytes down, a row and reader': down.reduce((sum, bytes) => sum + bytes, 0) / readers.length / count,
    ...cpu,
    ...kept,
  }
}
