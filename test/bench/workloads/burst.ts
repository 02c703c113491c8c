import { trafficSince } from '../counted-sockets.ts'
import { CLIENT_CPU, cpuFigures, cpuTime, SERVER_CPU } from '../cpu-time.ts'
import { MEMORY, memory } from '../memory.ts'
import { all } from '../patience.ts'
import { type Row, rowsFrom } from '../row.ts'
import { type RowCollection, whenSize } from '../row-collection.ts'
import type { Scale } from '../scale.ts'
import type { Side } from '../side.ts'
import { ALONE } from '../tanstack-alone.ts'
import {
  type Figure,
  type Measurement,
  NOTHING_TO_CLOSE,
  newRoom,
  PRODUCT_AND_FLOOR,
  type Workload,
  type WorkloadContext,
} from '../workload.ts'

const FIGURES = [
  { name: 'until all are visible at a second client', unit: 'ms' },
  { name: 'until all are confirmed', unit: 'ms' },
  { name: 'bytes up, a write', unit: 'bytes' },
  { name: 'bytes down, a write', unit: 'bytes' },
  CLIENT_CPU,
  SERVER_CPU,
  ...MEMORY,
] as const

/** For a comparison with those that have no acknowledgements; otherwise it says the same as the figure above. */
export const STORED: Figure = { name: 'until all are stored', unit: 'ms' }

/** Rows of one `insert([…])`. */
const ARRAY = 50

interface Form {
  readonly name: string
  readonly says: string
  /**
   * Rows written in one tick; the next tick that writes comes when all of them are confirmed. TanStack DB pays for every unconfirmed
   * transaction again with each further one, and holds back what the server says until none of the collection is on its way. So whoever
   * goes on while something is on its way (a call in each task, so many unconfirmed) sees nothing before the end, and needs four to six
   * times the CPU, in the floor as in the product. The next call as soon as one is confirmed comes to the same as here: what one tick wrote is
   * confirmed together.
   */
  readonly inFlight: (scale: Scale) => number
  /** With what it is measured; see `Workload`. */
  readonly sides: readonly string[]
  readonly write: (rows: RowCollection, round: readonly Row[]) => Promise<unknown>[]
}

/** W2 with one `insert()` a row. */
export const burstOfInserts: Workload = burst({
  name: 'W2a',
  says: 'one `insert()` each',
  inFlight: ({ insertsInFlight }) => insertsInFlight,
  sides: [...PRODUCT_AND_FLOOR, ALONE],
  write: (rows, round) => round.map((row) => rows.insert(row).isPersisted.promise),
})

/** W2 with one `insert([…])` for every 50 rows. */
export const burstOfArrays: Workload = burst({
  name: 'W2b',
  says: `arrays of ${ARRAY}`,
  inFlight: () => 500,
  sides: PRODUCT_AND_FLOOR,
  write: (rows, round) => cut(round, ARRAY).map((array) => rows.insert(array).isPersisted.promise),
})

function burst(form: Form): Workload {
  return {
    name: form.name,
    title: (scale) =>
      `${scale.burstWrites} rows written as fast as possible, ${form.says}, ${form.inFlight(scale)} in flight`,
    kind: 'timed',
    figures: FIGURES,
    sides: form.sides,
    prepare: async (side, context) => ({
      measure: () => measure(side, context, form),
      close: NOTHING_TO_CLOSE,
    }),
  }
}

const cut = (rows: readonly Row[], length: number): Row[][] =>
  Array.from({ length: Math.ceil(rows.length / length) }, (_, i) => rows.slice(i * length, (i + 1) * length))

async function measure(side: Side, context: WorkloadContext, form: Form): Promise<Measurement> {
  const { scale, serverPid } = context
  const room = newRoom()
  const held = memory(context, 2)
  const writer = side.client(room, 'user-001')
  const reader = side.client(room, 'user-002')
  await all('both clients', [writer.rows.preload(), reader.rows.preload()])
  const count = scale.burstWrites
  const rounds = cut(rowsFrom(0, count), form.inFlight(scale))
  const before = [writer.traffic(), reader.traffic()] as const
  const used = cpuTime(serverPid)
  const seen = whenSize(reader.rows, count)
  const start = performance.now()
  const [confirmedAt, visibleAt] = await all('the burst', [writeAll(writer.rows, rounds, form), seen])
  await side.settled?.()
  const storedAt = side.settled ? performance.now() : confirmedAt
  const cpu = cpuFigures(used())
  const kept = await held()
  const atWriter = trafficSince(before[0], writer.traffic())
  const atReader = trafficSince(before[1], reader.traffic())
  await Promise.all([writer.close(), reader.close()])
  return {
    'until all are visible at a second client': visibleAt - start,
    // Without acknowledgements, a write counts as confirmed before it is sent.
    ...(!side.settled && { 'until all are confirmed': confirmedAt - start }),
    [STORED.name]: storedAt - start,
    'bytes up, a write': (atWriter.up + atReader.up) / count,
    'bytes down, a write': (atWriter.down + atReader.down) / count,
    ...cpu,
    ...kept,
  }
}

async function writeAll(rows: RowCollection, rounds: readonly Row[][], { write }: Form): Promise<number> {
  for (const round of rounds) await Promise.all(write(rows, round))
  return performance.now()
}
