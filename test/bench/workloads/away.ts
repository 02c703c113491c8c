import { trafficSince } from '../counted-sockets.ts'
import { CLIENT_CPU, cpuFigures, cpuTime, SERVER_CPU } from '../cpu-time.ts'
import { filledRoom } from '../filled-room.ts'
import { CLIENT_HEAP, MEMORY, memory } from '../memory.ts'
import { all } from '../patience.ts'
import { rowAt } from '../row.ts'
import { whenRows } from '../row-collection.ts'
import type { BenchClient, Side } from '../side.ts'
import type { Measurement, Workload, WorkloadContext } from '../workload.ts'

/** W5: from the new socket until the last change is visible. The random wait before a reconnect is not part of it. */
export const away: Workload = {
  name: 'W5',
  title: ({ snapshotRows, missedChanges }) =>
    `a client with ${snapshotRows} rows was away while ${missedChanges} changed`,
  kind: 'timed',
  figures: [
    { name: 'dial to all changes', unit: 'ms' },
    { name: 'bytes up', unit: 'bytes' },
    { name: 'bytes down', unit: 'bytes' },
    CLIENT_CPU,
    SERVER_CPU,
    ...MEMORY,
  ],
  prepare: async (side, context) => {
    const room = await filledRoom(side, context.scale.snapshotRows)
    const held = memory(context, 1)
    const client = side.client(room, 'user-001')
    await all('the first load', [client.rows.preload()])
    const loaded = (await held())[CLIENT_HEAP.name] ?? 0
    let round = 0
    return {
      measure: async () => {
        const figures = await measure(side, context, { room, client, round: ++round })
        // Clients of other sides are there, too, so only what this one has grown by can be measured now.
        return { ...figures, [CLIENT_HEAP.name]: loaded + (figures[CLIENT_HEAP.name] ?? 0) }
      },
      close: () => client.close(),
    }
  },
}

interface Absence {
  readonly room: string
  readonly client: BenchClient
  readonly round: number
}

async function measure(
  side: Side,
  context: WorkloadContext,
  { room, client, round }: Absence,
): Promise<Measurement> {
  const { scale, serverPid } = context
  const held = memory(context, 1)
  const { snapshotRows, missedChanges } = scale
  const step = Math.floor(snapshotRows / missedChanges)
  const ids = Array.from({ length: missedChanges }, (_, i) => rowAt(i * step).id)
  const content = rowAt(snapshotRows + round).content
  await all('the client to be away', [client.leave()])
  await side.control(room, 'touch', { ids, content })
  const missing = new Set(ids)
  const before = client.traffic()
  const used = cpuTime(serverPid)
  const caughtUp = whenRows(client.rows, (changes) => {
    for (const { key, value } of changes) if (value.content === content) missing.delete(key)
    return missing.size === 0
  })
  const start = performance.now()
  client.comeBack()
  const [end] = await all('the catch-up', [caughtUp])
  const cpu = cpuFigures(used())
  const { up, down } = trafficSince(before, client.traffic())
  await side.settled?.()
  return { 'dial to all changes': end - start, 'bytes up': up, 'bytes down': down, ...cpu, ...(await held()) }
}
