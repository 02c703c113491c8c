import { cpuTime } from '../cpu-time.ts'
import { MEMORY, memory } from '../memory.ts'
import { all } from '../patience.ts'
import { rowAt } from '../row.ts'
import { whenSize } from '../row-collection.ts'
import type { Side } from '../side.ts'
import {
  type Measurement,
  NOTHING_TO_CLOSE,
  newRoom,
  type Workload,
  type WorkloadContext,
} from '../workload.ts'

/** Rows written in one tick. */
const TICK = 50

const NAMES = {
  many: 'CPU of the server, a change: as many clients as filters',
  twice: 'CPU of the server, a change: two clients a filter',
  one: 'CPU of the server, a change: as many clients, all with one filter',
  sockets: 'CPU of the server, a change: two clients a filter ÷ one client a filter',
  took: 'until everybody has theirs: as many clients as filters',
} as const

/**
 * W9: a change is matched once for each filter, not once for each client. A row belongs to one author, and each client has the rows of one.
 * The floor has no filters: its object sends everything to everybody.
 */
export const filters: Workload = {
  name: 'W9',
  title: ({ filters, filteredWrites }) =>
    `${filteredWrites} rows written to a table with ${filters} distinct filters`,
  kind: 'timed',
  figures: [
    { name: NAMES.took, unit: 'ms' },
    { name: NAMES.many, unit: 'ms' },
    { name: NAMES.twice, unit: 'ms' },
    { name: NAMES.one, unit: 'ms' },
    { name: NAMES.sockets, unit: 'times' },
    ...MEMORY,
  ],
  prepare: async (side, context) => ({
    measure: async () => {
      const { filters } = context.scale
      const many = await written(side, context, { clients: filters, filters })
      const twice = await written(side, context, { clients: filters * 2, filters })
      const one = await written(side, context, { clients: filters, filters: 1 })
      return {
        [NAMES.took]: many.took,
        ...(many.cpu !== undefined && { [NAMES.many]: many.cpu }),
        ...(twice.cpu !== undefined && { [NAMES.twice]: twice.cpu }),
        ...(one.cpu !== undefined && { [NAMES.one]: one.cpu }),
        ...(many.cpu && twice.cpu && { [NAMES.sockets]: twice.cpu / many.cpu }),
        ...many.kept,
      } satisfies Measurement
    },
    close: NOTHING_TO_CLOSE,
  }),
}

interface Readers {
  readonly clients: number
  readonly filters: number
}

async function written(
  side: Side,
  context: WorkloadContext,
  { clients, filters }: Readers,
): Promise<{ took: number; cpu: number | undefined; kept: Measurement }> {
  const { scale, serverPid } = context
  const room = newRoom()
  const held = memory(context, clients + 1)
  const count = scale.filteredWrites
  const author = (i: number) => `author-${i % filters}`
  const writer = side.client(room, 'writer', 'nobody')
  const readers = Array.from({ length: clients }, (_, i) => side.client(room, `user-${i}`, author(i)))
  await all(
    'all clients',
    [writer, ...readers].map(({ rows }) => rows.preload()),
  )
  const own = (i: number) => Math.ceil((count - (i % filters)) / filters)
  const used = cpuTime(serverPid)
  const start = performance.now()
  const seen = readers.map(({ rows }, i) => whenSize(rows, side.name === 'floor' ? count : own(i)))
  for (let from = 0; from < count; from += TICK) {
    const rows = Array.from({ length: Math.min(TICK, count - from) }, (_, i) => ({
      ...rowAt(from + i),
      author: author(from + i),
    }))
    await all('a tick', [writer.rows.insert(rows).isPersisted.promise])
  }
  await all('everybody', seen)
  const took = performance.now() - start
  const { server } = used()
  const kept = await held()
  await Promise.all([writer, ...readers].map((client) => client.close()))
  return { took, cpu: server === undefined ? undefined : server / count, kept }
}
