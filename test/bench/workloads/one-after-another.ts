import { CLIENT_CPU, cpuFigures, cpuTime, SERVER_CPU } from '../cpu-time.ts'
import { echoTimes } from '../echo.ts'
import { MEMORY, memory } from '../memory.ts'
import { all } from '../patience.ts'
import { rowAt } from '../row.ts'
import { whenSize } from '../row-collection.ts'
import type { Side } from '../side.ts'
import { percentile } from '../statistics.ts'
import {
  type Measurement,
  NOTHING_TO_CLOSE,
  newRoom,
  type Workload,
  type WorkloadContext,
} from '../workload.ts'

/** Nothing stored, nobody told: what a round trip takes here. */
const ECHO = 'floor: a message that is only sent back, p50'

/** W1: each write starts when the last one is confirmed and visible at the second client. */
export const oneAfterAnother: Workload = {
  name: 'W1',
  title: ({ sequentialWrites }) => `${sequentialWrites} rows written one after another`,
  kind: 'timed',
  figures: [
    { name: 'write to confirmed, p50', unit: 'ms' },
    { name: 'write to confirmed, p95', unit: 'ms' },
    { name: 'write to visible at a second client, p50', unit: 'ms' },
    { name: 'write to visible at a second client, p95', unit: 'ms' },
    { name: ECHO, unit: 'ms' },
    CLIENT_CPU,
    SERVER_CPU,
    ...MEMORY,
  ],
  prepare: async (side, context) => ({ measure: () => measure(side, context), close: NOTHING_TO_CLOSE }),
}

async function measure(side: Side, context: WorkloadContext): Promise<Measurement> {
  const { scale, serverPid, port } = context
  const room = newRoom()
  const held = memory(context, 2)
  const writer = side.client(room, 'user-001')
  const reader = side.client(room, 'user-002')
  await all('both clients', [writer.rows.preload(), reader.rows.preload()])
  const confirmed: number[] = []
  const visible: number[] = []
  const used = cpuTime(serverPid)
  for (let i = 0; i < scale.sequentialWrites; i++) {
    const seen = whenSize(reader.rows, i + 1)
    const start = performance.now()
    const { promise } = writer.rows.insert(rowAt(i)).isPersisted
    const times = await all('a write', [promise.then(() => performance.now()), seen])
    confirmed.push(times[0] - start)
    visible.push(times[1] - start)
  }
  const cpu = cpuFigures(used())
  const kept = await held()
  await Promise.all([writer.close(), reader.close()])
  const echoes = side.name === 'floor' ? await echoTimes(port, room, scale.sequentialWrites) : undefined
  return {
    'write to confirmed, p50': percentile(confirmed, 0.5),
    'write to confirmed, p95': percentile(confirmed, 0.95),
    'write to visible at a second client, p50': percentile(visible, 0.5),
    'write to visible at a second client, p95': percentile(visible, 0.95),
    ...(echoes && { [ECHO]: percentile(echoes, 0.5) }),
    ...cpu,
    ...kept,
  }
}
