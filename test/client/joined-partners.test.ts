import { doCollectionOptions } from '@durable-sync/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { until } from './convergence.ts'
import { indexed } from './indexed.ts'
import { openClient } from './live-client.ts'
import { versions } from './tanstack-versions.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

/** More than the subscriptions that a socket may have. */
const PARTNERS = 300
const BURST = 6

describe.each(versions)('under @tanstack/db %s', (version, db) => {
  test('a query that joins has all its partners, however many come one after another, with few subscriptions', async () => {
    const room = `partners-${version}`
    await world.sql(
      room,
      `INSERT INTO tasks WITH RECURSIVE c (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < ?1)
       SELECT printf('t%03d', i), i, 'x', 'red' FROM c`,
      PARTNERS - 1,
    )
    const { client, notes } = openClient(world, room, { db })
    const tasks = db.createCollection({
      ...doCollectionOptions({ client, table: 'tasks', syncMode: 'on-demand' }),
      ...indexed(db),
    })
    const live = db.createLiveQueryCollection((q) =>
      q
        .from({ note: notes })
        .leftJoin({ task: tasks }, ({ note, task }) => db.eq(note.title, task.id))
        .select(({ note, task }) => ({ id: note.id, about: note.title, votes: task?.votes })),
    )
    // Without a subscriber it would be cleaned up after five seconds.
    live.subscribeChanges(() => {})
    await live.preload()
    let most = 0
    for (let i = 0; i < PARTNERS; i++) {
      const task = `t${String(i).padStart(3, '0')}`
      await world.sql(room, `INSERT INTO notes (id, slug, title) VALUES (?1, ?1, ?2)`, `n${i}`, task)
      if (i % BURST === 0)
        await until(() => expect(live.toArray.find(({ about }) => about === task)?.votes).toBe(i))
      most = Math.max(most, tasks.utils.stats().subscriptions)
    }
    await until(() => expect(live.toArray.filter(({ votes }) => votes !== undefined)).toHaveLength(PARTNERS))
    for (const { about, votes } of live.toArray) expect(about).toBe(`t${String(votes).padStart(3, '0')}`)
    expect(most).toBeLessThan(32)
    await world.sql(room, `UPDATE tasks SET votes = votes + 1000`)
    await until(() => expect(live.toArray.every(({ votes }) => (votes ?? 0) >= 1000)).toBe(true))
  })
})
