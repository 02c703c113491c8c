import { doCollectionOptions } from '@durable-sync/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { until } from './convergence.ts'
import { indexed } from './indexed.ts'
import { openClient } from './live-client.ts'
import { newestTanStack as db } from './tanstack-versions.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const ROWS = 5000
const WINDOW = 50
/** Ten minutes of 100 changes a second in the long run, three and a half in the normal one. */
const CHANGES = process.env.DURABLE_SYNC_SOAK === undefined ? 21_000 : 60_000
/** What a tenth of a second brings at 100 changes a second: one transaction, one frame. */
const BATCH = 10
const INSTANTS = 100
const PAGES = 20

/** The same numbers on every run. */
function dice(seed: number) {
  let state = seed
  return (sides: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

const idOf = (i: number) => `t${String(i).padStart(4, '0')}`
const BY_VOTES = 'ORDER BY votes DESC, id'

/** Most are votes that bump a task to the top; the rest move tasks down, rename them, or delete one of the window and insert it later. */
function changesOf(roll: (sides: number) => number): () => string {
  const recent: string[] = []
  const deleted: string[] = []
  return () => {
    const kind = roll(20)
    const back = kind > 17 && deleted.length > 20 ? deleted.shift() : undefined
    if (back) return `INSERT INTO tasks VALUES ('${back}', ${roll(ROWS)}, 'again', 'x')`
    if (kind > 17) {
      const gone = recent[roll(recent.length)] ?? idOf(0)
      if (!deleted.includes(gone)) deleted.push(gone)
      return `DELETE FROM tasks WHERE id = '${gone}'`
    }
    const id = idOf(roll(ROWS))
    if (kind > 15) return `UPDATE tasks SET title = 'title ${roll(1000)}' WHERE id = '${id}'`
    if (kind > 12)
      return `UPDATE tasks SET votes = votes - ${1 + roll(2000)} WHERE id = '${recent[roll(recent.length)]}'`
    recent.push(id)
    if (recent.length > WINDOW) recent.shift()
    return `UPDATE tasks SET votes = (SELECT max(votes) FROM tasks) + 1 WHERE id = '${id}'`
  }
}

/**
 * Under 0.9.2 memory is not bounded by the window: after the first row that leaves it or moves in it, that version asks for every row of the
 * filter, once and for good, and what it asks for it gets.
 */
test('minutes of 100 changes a second leave a window what the server says it is, and nothing grows with them [F12, R19]', async () => {
  const room = 'firehose'
  const roll = dice(12)
  const change = changesOf(roll)
  await world.sql(
    room,
    `INSERT INTO tasks WITH RECURSIVE c (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < ?1)
     SELECT printf('t%04d', i), i, 'title', 'x' FROM c`,
    ROWS - 1,
  )
  const proxy = await world.frameProxy()
  const { client } = openClient(world, room, { port: proxy.port })
  const options = doCollectionOptions({ client, table: 'tasks', syncMode: 'on-demand' })
  const demands = new Set<object>()
  const tasks = db.createCollection({
    ...options,
    ...indexed(db),
    sync: {
      ...options.sync,
      sync: (surface) => {
        const { cleanup, loadSubset, unloadSubset } = options.sync.sync(surface)
        return {
          cleanup,
          loadSubset: (request) => {
            demands.add(request)
            return loadSubset?.(request) ?? true
          },
          unloadSubset: (request) => {
            demands.delete(request)
            unloadSubset?.(request)
          },
        }
      },
    },
  })
  const shown = db.createLiveQueryCollection((q) =>
    q
      .from({ t: tasks })
      .orderBy(({ t }) => t.votes, 'desc')
      .limit(WINDOW),
  )
  // Without a subscriber it would be cleaned up after five seconds.
  shown.subscribeChanges(() => {})
  await shown.preload()

  let limit = WINDOW
  const most = { rows: 0, demands: 0, subscriptions: 0, shown: 0 }
  const measure = () => {
    const { rows, subscriptions } = tasks.utils.stats()
    expect(rows).toBe(tasks.size)
    expect(rows).toBeLessThanOrEqual(2 * limit)
    most.rows = Math.max(most.rows, rows)
    most.demands = Math.max(most.demands, demands.size)
    most.subscriptions = Math.max(most.subscriptions, subscriptions)
    most.shown = Math.max(most.shown, shown.size)
  }
  const agree = async () => {
    const wanted = await world.storageSql(
      room,
      `SELECT id, votes, title FROM tasks ${BY_VOTES} LIMIT ${limit}`,
    )
    await until(() => {
      expect(shown.toArray.map(({ id, votes, title }) => ({ id, votes, title }))).toEqual(wanted)
      measure()
    })
  }
  const batch = async () => {
    const statements = Array.from({ length: BATCH }, change)
    await world.control(room, 'write', { statements })
  }
  const move = async (next: number) => {
    // What is held follows what is wanted: a smaller window lets go when TanStack has released the larger one.
    limit = Math.max(limit, next)
    await shown.utils.setWindow({ offset: 0, limit: next })
    await batch()
    await until(() => expect(tasks.utils.stats().rows).toBeLessThanOrEqual(2 * next))
    limit = next
  }

  const batches = CHANGES / BATCH
  const instants = new Set<number>()
  while (instants.size < INSTANTS) instants.add(roll(batches))
  const start = performance.now()
  for (let i = 0; i < batches; i++) {
    await batch()
    if (i === Math.floor(batches / 2)) {
      const alone = { ...most }
      for (let page = 2; page <= PAGES; page++) await move(page * WINDOW)
      await agree()
      for (let page = PAGES - 1; page >= 1; page--) await move(page * WINDOW)
      await agree()
      Object.assign(most, alone)
    }
    if (instants.has(i)) await agree()
  }
  await agree()

  const stored = await world.subscriptions(room)
  const sent = proxy.links.flatMap(({ conversation }) => conversation.filter(({ from }) => from === 'client'))
  const asked = (type: string) => sent.filter(({ frame }) => frame?.type === type).length
  console.log(
    `firehose: ${CHANGES} changes in ${((performance.now() - start) / 1000).toFixed(1)} s; window of ${WINDOW}: at most ${most.rows} rows held, ` +
      `${most.demands} demands, ${most.subscriptions} subscriptions; ${stored.length} stored; ` +
      `${asked('page')} pages, ${asked('narrow')} narrowings, ${asked('join')} joins; ${tasks.utils.stats().received} rows received`,
  )
  expect(most.rows).toBeLessThanOrEqual(2 * WINDOW)
  expect(most.demands).toBeLessThanOrEqual(2 * WINDOW)
  expect(most.subscriptions).toBe(1)
  expect(stored).toHaveLength(1)
  expect(JSON.stringify(stored).length).toBeLessThan(2000)
  expect(asked('join')).toBe(1)
}, 240_000)
