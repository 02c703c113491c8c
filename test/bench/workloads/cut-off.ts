import { cpuTime } from '../cpu-time.ts'
import { MEMORY, memory } from '../memory.ts'
import { all } from '../patience.ts'
import { rowAt } from '../row.ts'
import type { BenchClient, Side } from '../side.ts'
import { percentile } from '../statistics.ts'
import {
  type Measurement,
  NOTHING_TO_CLOSE,
  newRoom,
  type Workload,
  type WorkloadContext,
} from '../workload.ts'

const FIRST = 'restart to the first write confirmed'
const HALF = 'restart to half of the writes confirmed'
const LAST = 'restart to all writes confirmed'
const CPU = 'CPU of the server, a client'
const GROWN = 'CPU of the server, a client ÷ the same with a quarter of them'
const CPU_OF_A_QUARTER = 'CPU of the server, a client, with a quarter of them'

/**
 * W8: every client writes a row at the moment that its object is gone, and has to come back for it. The product's clients wait at random
 * before they dial; those of the floor all dial at once.
 */
export const cutOff: Workload = {
  name: 'W8',
  title: ({ cutOff }) => `${cutOff} clients are cut off by a restart of their object, and each has a write`,
  kind: 'timed',
  figures: [
    { name: FIRST, unit: 'ms' },
    { name: HALF, unit: 'ms' },
    { name: LAST, unit: 'ms' },
    { name: CPU, unit: 'ms' },
    { name: CPU_OF_A_QUARTER, unit: 'ms' },
    { name: GROWN, unit: 'times' },
    ...MEMORY,
  ],
  prepare: async (side, context) => ({
    measure: async () => {
      const count = context.scale.cutOff
      const quarter = await comeBack(side, context, Math.ceil(count / 4))
      const whole = await comeBack(side, context, count)
      const [few, many] = [quarter[CPU], whole[CPU]]
      return few && many ? { ...whole, [CPU_OF_A_QUARTER]: few, [GROWN]: many / few } : whole
    },
    close: NOTHING_TO_CLOSE,
  }),
}

async function comeBack(side: Side, context: WorkloadContext, count: number): Promise<Measurement> {
  const { serverPid } = context
  const held = memory(context, count)
  const room = newRoom()
  const clients = Array.from({ length: count }, (_, i) => side.client(room, `user-${i}`))
  await all(
    'all clients',
    clients.map(({ rows }) => rows.preload()),
  )
  const used = cpuTime(serverPid)
  const cut = side.name === 'floor' ? clients.map((client) => client.leave()) : []
  await side.control(room, 'restart', null)
  await Promise.all(cut)
  const start = performance.now()
  const confirmed = await all('all writes', clients.map(write(side)))
  const { server } = used()
  const kept = await held()
  const [first] = clients
  const shown = first?.rows.size
  await Promise.all(clients.map((client) => client.close()))
  const times = confirmed.map((at) => at - start)
  if (times.length !== count || (shown ?? 0) < 1) throw new Error(`${times.length} writes of ${count}`)
  await everyRowOnce(side, room, count)
  return {
    [FIRST]: Math.min(...times),
    [HALF]: percentile(times, 0.5),
    [LAST]: Math.max(...times),
    ...(server === undefined ? {} : { [CPU]: server / count }),
    ...kept,
  }
}

/** Resolves with the time at which the server has the row. */
const write =
  ({ name }: Side) =>
  async (client: BenchClient, i: number): Promise<number> => {
    if (name === 'floor') client.comeBack()
    await client.rows.insert(rowAt(i)).isPersisted.promise
    return performance.now()
  }

/** @throws Error when a row is missing. A row that came twice would have been refused. */
async function everyRowOnce(side: Side, room: string, count: number): Promise<void> {
  const reader = side.client(room, 'reader')
  await all('the reader', [reader.rows.preload()])
  const { size } = reader.rows
  await reader.close()
  if (size !== count) throw new Error(`${size} rows of ${count} are there after the restart`)
}
