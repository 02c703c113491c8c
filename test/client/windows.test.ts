import { doCollectionOptions } from '@durable-sync/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { until } from './convergence.ts'
import { indexed } from './indexed.ts'
import { openClient } from './live-client.ts'
import { putToSleep } from './put-to-sleep.ts'
import { type TanStack, versions } from './tanstack-versions.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

/** The same numbers on every run. */
function dice(seed: number) {
  let state = seed
  return (sides: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

const KEYS = ['a', 'B', 'b', 'ä', 'Z', '10', '9', '_', 'ﬀ', 'k']

function openBoard(room: string, db: TanStack, port: number) {
  const live = openClient(world, room, { db, port })
  const open = (syncMode: 'eager' | 'on-demand') =>
    db.createCollection({
      ...doCollectionOptions({ client: live.client, table: 'tasks', syncMode }),
      ...indexed(db),
    })
  return { ...live, onDemand: open('on-demand'), eager: open('eager') }
}
type Tasks = ReturnType<typeof openBoard>['eager']

/** What a live query asks for: each with a limit that `setWindow` moves. */
const queries = {
  'by votes, most first': (db: TanStack, from: Tasks) =>
    db.createLiveQueryCollection((q) =>
      q
        .from({ t: from })
        .orderBy(({ t }) => t.votes, 'desc')
        .limit(6),
    ),
  'by votes, nulls last': (db: TanStack, from: Tasks) =>
    db.createLiveQueryCollection((q) =>
      q
        .from({ t: from })
        .orderBy(({ t }) => t.votes, { direction: 'asc', nulls: 'last' })
        .limit(6),
    ),
  'of a category, by votes, nulls last': (db: TanStack, from: Tasks) =>
    db.createLiveQueryCollection((q) =>
      q
        .from({ t: from })
        .where(({ t }) => db.inArray(t.category, ['red', 'green']))
        .orderBy(({ t }) => t.votes, { direction: 'desc', nulls: 'last' })
        .limit(6),
    ),
  'by text by code unit, then by votes': (db: TanStack, from: Tasks) =>
    db.createLiveQueryCollection((q) =>
      q
        .from({ t: from })
        .orderBy(({ t }) => t.title, { direction: 'desc', nulls: 'first', stringSort: 'lexical' })
        .orderBy(({ t }) => t.votes, 'asc')
        .limit(6),
    ),
  'by text as the locale has it': (db: TanStack, from: Tasks) =>
    db.createLiveQueryCollection((q) =>
      q
        .from({ t: from })
        .orderBy(({ t }) => t.title, 'asc')
        .limit(6),
    ),
}

describe.each(versions)('under @tanstack/db %s', (version, db) => {
  test.each(Object.entries(queries))(
    'a window %s is what TanStack shows of all rows, through changes, scrolling, reconnects and evictions [E7, E8, E9, E12]',
    async (name, query) => {
      const room = `oracle-${version}-${name.length}`
      const roll = dice(name.length)
      const statement = () => {
        const id = `${KEYS[roll(KEYS.length)]}${roll(8)}`
        if (roll(5) === 0) return `DELETE FROM tasks WHERE id = '${id}'`
        const votes = roll(8) === 0 ? 'NULL' : roll(12)
        const title = roll(8) === 0 ? 'NULL' : `'${KEYS[roll(KEYS.length)]}'`
        const category = ['red', 'green', 'blue'][roll(3)]
        return `INSERT OR REPLACE INTO tasks VALUES ('${id}', ${votes}, ${title}, '${category}')`
      }
      const write = (count: number) =>
        world.control(room, 'write', { statements: Array.from({ length: count }, statement) })
      await write(120)
      const proxy = await world.frameProxy()
      const { onDemand, eager } = openBoard(room, db, proxy.port)
      await eager.preload()
      const shown = query(db, onDemand)
      const wanted = query(db, eager)
      await Promise.all([shown.preload(), wanted.preload()])
      const read = ({ toArray }: typeof shown) =>
        toArray.map(({ id, votes, title, category }) => `${id} ${votes} ${title} ${category}`)
      const stored = () => world.rows(room, 'tasks')
      const agree = async () => {
        const rows = await stored()
        await until(() => {
          expect(eager.size).toBe(rows.length)
          for (const { id, votes } of rows) expect(eager.get(String(id))?.votes).toBe(votes)
          expect(read(shown)).toEqual(read(wanted))
        })
      }
      await agree()
      for (let round = 0; round < 40; round++) {
        const kind = roll(12)
        if (kind === 0) proxy.cut()
        else if (kind === 1) await putToSleep(world, room)
        else if (kind < 4) {
          const window = { offset: roll(4) * 6, limit: 4 + roll(8) }
          await Promise.all([shown, wanted].map((live) => live.utils.setWindow(window)))
        } else await write(1 + roll(8))
        if (roll(3) === 0) await agree()
      }
      await agree()
    },
    40_000,
  )

  test('a page reaches across a tie of more rows than it has, without a row twice or none [E8, E11]', async () => {
    const room = `ties-${version}`
    await world.sql(
      room,
      `INSERT INTO tasks WITH RECURSIVE c (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < 299)
       SELECT printf('t%03d', (i * 7) % 300), i / 150, 'x', 'red' FROM c`,
    )
    const proxy = await world.frameProxy()
    const { onDemand } = openBoard(room, db, proxy.port)
    const shown = queries['by votes, most first'](db, onDemand)
    await shown.preload()
    const wanted = (await world.storageSql(room, 'SELECT id FROM tasks ORDER BY votes DESC, id')).map(
      ({ id }) => id,
    )
    for (let limit = 10; limit <= 200; limit += 10) {
      await shown.utils.setWindow({ offset: 0, limit })
      expect(shown.toArray.map(({ id }) => id)).toEqual(wanted.slice(0, limit))
    }
    expect(onDemand.utils.stats()).toMatchObject({ subscriptions: 1 })
    expect(onDemand.utils.stats().received).toBeLessThanOrEqual(300)
    // A row that is deleted while a page is on its way is not brought back.
    const doomed = wanted[205]
    await Promise.all([
      shown.utils.setWindow({ offset: 0, limit: 260 }),
      world.sql(room, `DELETE FROM tasks WHERE id = '${doomed}'`),
    ])
    await until(() => expect(shown.has(String(doomed))).toBe(false))
    await until(() => expect(shown.size).toBe(260))
  })
})
