import { OBJECT_MEMORY, objectMemory } from '../memory.ts'
import { all } from '../patience.ts'
import { rowAt, rowsFrom } from '../row.ts'
import type { BenchClient, Side } from '../side.ts'
import type { RoomCounts } from '../worker/room-verbs.ts'
import {
  type Measurement,
  NOTHING_TO_CLOSE,
  newRoom,
  type Workload,
  type WorkloadContext,
} from '../workload.ts'

/** Writes of one tick, where many are sent. */
const SLICE = 50

const GROWN = 'database after all updates ÷ after one, once compacted'

/** W6: what Cloudflare bills, and what stays on disk. */
export const storage: Workload = {
  name: 'W6',
  title: ({ storedInserts, storedUpdates }) =>
    `rows read and written, bytes stored: ${storedInserts} inserts, then ${storedUpdates} updates of one row`,
  kind: 'counted',
  figures: [
    { name: 'rows read, an insert alone in its turn', unit: 'rows' },
    { name: 'rows written, an insert alone in its turn', unit: 'rows' },
    { name: `rows read, an insert, ${SLICE} a tick`, unit: 'rows' },
    { name: `rows written, an insert, ${SLICE} a tick`, unit: 'rows' },
    { name: 'database bytes, an insert', unit: 'bytes' },
    { name: 'rows read, an update alone in its turn, before its compaction', unit: 'rows' },
    { name: 'rows written, an update alone in its turn, before its compaction', unit: 'rows' },
    { name: `rows read, an update, ${SLICE} a tick`, unit: 'rows' },
    { name: `rows written, an update, ${SLICE} a tick`, unit: 'rows' },
    { name: 'database bytes after one update, once compacted', unit: 'bytes' },
    { name: 'database bytes after all updates', unit: 'bytes' },
    { name: 'database bytes after all updates, once compacted', unit: 'bytes' },
    { name: GROWN, unit: 'times' },
    ...OBJECT_MEMORY,
  ],
  prepare: async (side, context) => ({ measure: () => measure(side, context), close: NOTHING_TO_CLOSE }),
}

async function measure(side: Side, { scale, server }: WorkloadContext): Promise<Measurement> {
  const { storedAlone, storedInserts, storedUpdates } = scale
  const room = newRoom()
  const client = side.client(room, 'user-001')
  await all('the client', [client.rows.preload()])
  const counted = async (work: () => Promise<void>): Promise<RoomCounts> => {
    await side.control(room, 'count', null)
    await work()
    await side.settled?.()
    return side.control(room, 'counts', null)
  }
  const alone = await counted(() => insertAlone(side, client, storedAlone))
  const inserts = await counted(() => insertInSlices(client, storedAlone, storedInserts))
  const updatedAlone = await counted(() => updateAlone(side, client, storedAlone))
  const compact = () => side.control(room, 'compact', null)
  const one = await counted(async () => {
    await updateOneRow(client, 1)
    await compact()
  })
  const updates = await counted(() => updateOneRow(client, storedUpdates))
  // What the last updates left behind belongs to their cost.
  await compact()
  const compacted = await side.control(room, 'counts', null)
  const memory = await objectMemory(server)
  await client.close()
  return {
    'rows read, an insert alone in its turn': alone.rowsRead / storedAlone,
    'rows written, an insert alone in its turn': alone.rowsWritten / storedAlone,
    [`rows read, an insert, ${SLICE} a tick`]: inserts.rowsRead / storedInserts,
    [`rows written, an insert, ${SLICE} a tick`]: inserts.rowsWritten / storedInserts,
    'database bytes, an insert': (inserts.databaseSize - alone.databaseSize) / storedInserts,
    'rows read, an update alone in its turn, before its compaction': updatedAlone.rowsRead / storedAlone,
    'rows written, an update alone in its turn, before its compaction':
      updatedAlone.rowsWritten / storedAlone,
    [`rows read, an update, ${SLICE} a tick`]: compacted.rowsRead / storedUpdates,
    [`rows written, an update, ${SLICE} a tick`]: compacted.rowsWritten / storedUpdates,
    'database bytes after one update, once compacted': one.databaseSize,
    'database bytes after all updates': updates.databaseSize,
    'database bytes after all updates, once compacted': compacted.databaseSize,
    [GROWN]: compacted.databaseSize / one.databaseSize,
    ...memory,
  }
}

async function insertAlone(side: Side, { rows }: BenchClient, count: number): Promise<void> {
  for (const row of rowsFrom(0, count)) {
    await all('an insert', [rows.insert(row).isPersisted.promise])
    await side.settled?.()
  }
}

async function updateAlone(side: Side, { rows }: BenchClient, count: number): Promise<void> {
  for (const { id, content } of rowsFrom(0, count)) {
    const { promise } = rows.update(id, (draft) => {
      draft.content = `${content}.`
    }).isPersisted
    await all('an update', [promise])
    await side.settled?.()
  }
}

async function insertInSlices({ rows }: BenchClient, first: number, count: number): Promise<void> {
  for (let from = first; from < first + count; from += SLICE) {
    const slice = rowsFrom(from, Math.min(SLICE, first + count - from))
    await all(
      'inserts',
      slice.map((row) => rows.insert(row).isPersisted.promise),
    )
  }
}

async function updateOneRow({ rows }: BenchClient, count: number): Promise<void> {
  const { id } = rowAt(0)
  for (let from = 0; from < count; from += SLICE) {
    const contents = rowsFrom(from + 1, Math.min(SLICE, count - from)).map(({ content }) => content)
    await all(
      'updates',
      contents.map(
        (content) =>
          rows.update(id, (draft) => {
            draft.content = content
          }).isPersisted.promise,
      ),
    )
  }
}
