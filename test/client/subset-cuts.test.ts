import { doCollectionOptions } from '@durable-sync/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { transparent } from '../support/frame-rules.ts'
import { createWorld, type World } from '../support/world.ts'
import { equalsServer, until } from './convergence.ts'
import { cutNextAfter } from './cut-once.ts'
import { indexed } from './indexed.ts'
import { openClient } from './live-client.ts'
import { putToSleep } from './put-to-sleep.ts'
import { versions } from './tanstack-versions.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const steps = [
  ['the object stays in memory', async () => {}],
  ['the object is evicted between every pair of steps', (room: string) => putToSleep(world, room)],
] as const

/** One transaction that inserts, deletes, reorders, and moves rows between the categories. */
const change = (room: string, generation: number) =>
  world.control(room, 'write', {
    statements: [
      `UPDATE tasks SET category = CASE category WHEN 'red' THEN 'green' WHEN 'green' THEN 'red' ELSE category END WHERE votes % 3 = ${generation % 3}`,
      `UPDATE tasks SET votes = votes + ${50 + generation} WHERE id IN (SELECT id FROM tasks ORDER BY votes, id LIMIT 2)`,
      `DELETE FROM tasks WHERE id = (SELECT id FROM tasks ORDER BY votes DESC, id LIMIT 1)`,
      `INSERT INTO tasks VALUES ('n${generation}', ${generation * 7}, 'x', '${['red', 'green', 'blue'][generation % 3]}')`,
      `UPDATE tasks SET title = 'generation ${generation}' WHERE votes % 2 = ${generation % 2}`,
    ],
  })

describe.each(steps)('while %s', (step, between) => {
  test.each(versions)(
    'under @tanstack/db %s, a client with two disjoint filters, on-demand subsets and a window that is cut at every frame boundary of a resume ends equal to the server every time [B2]',
    async (version, db) => {
      const room = `cuts-${version}-${step.length}`
      await world.sql(
        room,
        `INSERT INTO tasks WITH RECURSIVE c (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < 39)
         SELECT printf('t%03d', i), i, 'x', CASE i % 3 WHEN 0 THEN 'red' WHEN 1 THEN 'green' ELSE 'blue' END FROM c`,
      )
      const proxy = await world.frameProxy()
      const { client, gate, notes } = openClient(world, room, { port: proxy.port, db })
      const [red, green] = ['red', 'green'].map((category) =>
        db.createCollection(doCollectionOptions({ client, table: 'tasks', where: { category } })),
      )
      const onDemand = db.createCollection({
        ...doCollectionOptions({ client, table: 'tasks', syncMode: 'on-demand' }),
        ...indexed(db),
      })
      const blue = db.createLiveQueryCollection((q) =>
        q.from({ t: onDemand }).where(({ t }) => db.eq(t.category, 'blue')),
      )
      const top = db.createLiveQueryCollection((q) =>
        q
          .from({ t: onDemand })
          .orderBy(({ t }) => t.votes, 'desc')
          .limit(5),
      )
      if (!red || !green) throw new Error('two collections')
      await Promise.all([red, green, blue, top, notes].map((collection) => collection.preload()))

      const idsOf = ({
        toArray,
      }: {
        toArray: readonly { id: string; votes: number | null; title: string | null }[]
      }) => toArray.map(({ id, votes, title }) => `${id} ${votes} ${title}`)
      const query = async (rest: string) =>
        (await world.storageSql(room, `SELECT id, votes, title FROM tasks ${rest}`)).map(
          ({ id, votes, title }) => `${id} ${votes} ${title}`,
        )
      const converges = async () => {
        const wanted = await Promise.all([
          query(`WHERE category = 'red' ORDER BY id`),
          query(`WHERE category = 'green' ORDER BY id`),
          query(`WHERE category = 'blue' ORDER BY id`),
          query('ORDER BY votes DESC, id LIMIT 5'),
        ])
        await until(() =>
          expect([...[red, green, blue].map((each) => idsOf(each).sort()), idsOf(top)]).toEqual(wanted),
        )
        await equalsServer(world, room, { notes })
      }

      let generation = 0
      const changeAll = async () => {
        await between(room)
        await change(room, ++generation)
        await between(room)
      }
      for (let k = 0; ; k++) {
        gate.shut()
        proxy.cut()
        await until(() => expect(gate.waiting).toBe(1))
        await changeAll()
        const tx = notes.insert({ id: `mine ${k}`, slug: `mine ${k}`, title: '' })
        const cut = cutNextAfter(proxy, k)
        gate.admit(1)
        await until(() => expect(gate.waiting === 1 || client.pendingWrites.get().count === 0).toBe(true))
        if (gate.waiting === 1) await changeAll()
        gate.admit()
        await tx.isPersisted.promise
        await converges()

        // Live delivery goes on.
        proxy.rule = transparent
        await changeAll()
        await converges()
        if (!cut.happened) {
          expect(k).toBeGreaterThanOrEqual(3)
          return
        }
      }
    },
    60_000,
  )
})
