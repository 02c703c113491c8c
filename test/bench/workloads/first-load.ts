import { CLIENT_CPU, cpuFigures, cpuTime, SERVER_CPU } from '../cpu-time.ts'
import { filledRoom } from '../filled-room.ts'
import { MEMORY, memory } from '../memory.ts'
import { all } from '../patience.ts'
import type { Side } from '../side.ts'
import { type Measurement, NOTHING_TO_CLOSE, type Workload, type WorkloadContext } from '../workload.ts'

/** W4: the object is awake, the client has nothing. */
export const firstLoad: Workload = {
  name: 'W4',
  title: ({ snapshotRows }) => `a new client loads ${snapshotRows} rows`,
  kind: 'timed',
  figures: [
    { name: 'dial to all rows', unit: 'ms' },
    { name: 'bytes up', unit: 'bytes' },
    { name: 'bytes down', unit: 'bytes' },
    CLIENT_CPU,
    SERVER_CPU,
    ...MEMORY,
  ],
  prepare: async (side, context) => {
    const room = await filledRoom(side, context.scale.snapshotRows)
    return { measure: () => measure(side, context, room), close: NOTHING_TO_CLOSE }
  },
}

async function measure(side: Side, context: WorkloadContext, room: string): Promise<Measurement> {
  const { scale, serverPid } = context
  const held = memory(context, 1)
  const used = cpuTime(serverPid)
  const start = performance.now()
  const client = side.client(room, 'user-001')
  await all('the first load', [client.rows.preload()])
  const took = performance.now() - start
  const cpu = cpuFigures(used())
  const { up, down } = client.traffic()
  const { size } = client.rows
  const kept = await held()
  await client.close()
  if (size !== scale.snapshotRows) throw new Error(`${size} rows were loaded of ${scale.snapshotRows}`)
  return { 'dial to all rows': took, 'bytes up': up, 'bytes down': down, ...cpu, ...kept }
}
