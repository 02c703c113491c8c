import { call, declared, mutate, sample, update } from '../protocol/items.ts'
import { Watcher } from '../protocol/watcher.ts'
import { eventually } from '../support/deadline.ts'
import type { World } from '../support/world.ts'
import { TABLES } from '../worker/tables.ts'

/** Rows read and written. */
export interface Rows {
  readonly read: number
  readonly written: number
}

/** What the object reads and writes for each of these, on a table WITHOUT ROWID and without indexes, rounded up: to whole rows where nothing else is said. */
export interface UnitCosts {
  /** An insert alone in its turn. */
  readonly insert: Rows
  /** One insert of many in one mutation, in hundredths of a row. */
  readonly insertOfMany: Rows
  /** An update alone in its turn of one of a thousand rows, its share of the compaction included, in hundredths of a row. */
  readonly update: Rows
  /** A subscription, from the join of an empty table to its end. */
  readonly subscription: Rows
  /** A row of a first load. */
  readonly loadedRow: Rows
  /** A row that changed while a client was away. */
  readonly missedRow: Rows
  /** A room that somebody opens for the first time, and nobody writes to: what its tables, triggers and the library's own take. */
  readonly newRoom: Rows & { readonly tables: number; readonly bytes: number }
}

const ALONE = 100
const MANY = 50
const TABLE_ROWS = 2000
/** Rows that are updated again and again until the log is compacted. */
const UPDATED_ROWS = 1000

/** Counts them in rooms of the world. */
export async function unitCosts(world: World): Promise<UnitCosts> {
  const count = async (room: string, act: () => Promise<unknown>): Promise<Rows> => {
    await world.resetCounts(room)
    await act()
    const { rowsRead, rowsWritten } = await world.stats(room)
    return { read: rowsRead, written: rowsWritten }
  }
  const fill = (room: string, rows: number) =>
    world.sql(
      room,
      `WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${rows})
       INSERT INTO samples (id, i) SELECT printf('%06d', i), i FROM c`,
    )

  const watcher = await Watcher.open(world, 'unit', ['samples'], declared)
  let n = 0
  await watcher.settle(sample(++n, 'first'))
  const insert = await count('unit', async () => {
    for (let i = 0; i < ALONE; i++) await watcher.settle(sample(++n, `alone ${i}`))
  })
  const insertOfMany = await count('unit', () =>
    watcher.settle(mutate(++n, ...Array.from({ length: MANY }, (_, i) => insertNamed(`many ${i}`)))),
  )
  const updated = await count('unit', async () => {
    for (let i = 0; i < ALONE; i++) await watcher.settle(mutate(++n, update('samples', 'first', { i })))
  })
  const compacted = await compactionShare(world, count)

  const { client } = await Watcher.open(world, 'joins', [], declared)
  await client.settle(call(1, 'echo'))
  const subscription = await count('joins', async () => {
    await client.join({ sub: 1, collection: 'samples' })
    client.send({ type: 'leave', sub: 1 })
    await eventually(
      () => world.subscriptions('joins'),
      ({ length }) => length === 0,
      'the end of the subscription',
    )
  })
  await fill('joins', TABLE_ROWS)
  const loaded = await count('joins', () => client.join({ sub: 2, collection: 'samples' }))

  const away = await Watcher.open(world, 'away', ['samples'], declared)
  await away.client.close()
  await fill('away', TABLE_ROWS)
  const missed = await count('away', () => away.resume())
  const visitor = await world.connect('new')
  await visitor.enter(declared)
  // Counted from its construction on.
  const fresh = await world.stats('new')
  return {
    newRoom: {
      read: fresh.rowsRead,
      written: fresh.rowsWritten,
      tables: TABLES.filter((statement) => statement.includes('CREATE TABLE')).length,
      bytes: fresh.databaseSize,
    },
    insert: share(insert, ALONE),
    insertOfMany: share(insertOfMany, MANY, 100),
    update: share(
      { read: updated.read + compacted.read * ALONE, written: updated.written + compacted.written * ALONE },
      ALONE,
      100,
    ),
    subscription,
    loadedRow: { read: Math.ceil(loaded.read / TABLE_ROWS - 0.02), written: 0 },
    missedRow: { read: Math.ceil(missed.read / TABLE_ROWS - 0.02), written: 0 },
  }
}

type Count = (room: string, act: () => Promise<unknown>) => Promise<Rows>

/**
 * What one of many updates has to do with the compaction that they cause together. The same statement costs the same every time, so what it
 * costs more when the log is compacted behind it is the compaction.
 */
async function compactionShare(world: World, count: Count): Promise<Rows> {
  const room = 'compacted'
  const watcher = await Watcher.open(world, room, ['samples'], declared)
  const compactions = async () =>
    (await world.control(room, 'events', {})).filter(({ type }) => type === 'compacted').length
  const updateAll = async () => {
    await world.sql(room, 'UPDATE samples SET i = i + 1')
    await watcher.pass()
  }
  await world.sql(
    room,
    `WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${UPDATED_ROWS})
     INSERT INTO samples (id, i) SELECT printf('%06d', i), i FROM c`,
  )
  await watcher.pass()
  await world.compact(room)
  const first = await compactions()
  const plain = await count(room, updateAll)
  for (let updates = 2; ; updates++) {
    const { read, written } = await count(room, updateAll)
    if ((await compactions()) === first) continue
    const all = updates * UPDATED_ROWS
    return { read: (read - plain.read) / all, written: (written - plain.written) / all }
  }
}

const insertNamed = (key: string) => ({ collection: 'samples', type: 'insert', key, cols: {} }) as const

/** Rounded up to parts of a row. What a hundredth of a row is for is an era, or a page that is full. */
const share = ({ read, written }: Rows, count: number, parts = 1): Rows => {
  const up = (rows: number) => Math.ceil((rows / count - 0.005) * parts) / parts
  return { read: up(read), written: up(written) }
}
