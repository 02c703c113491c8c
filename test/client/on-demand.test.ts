import { doCollectionOptions } from '@durable-sync/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { until } from './convergence.ts'
import { indexed } from './indexed.ts'
import { keepings } from './keepings.ts'
import { type LiveOptions, openClient } from './live-client.ts'
import { watchSteadily } from './steady-watch.ts'
import { type TanStack, versions } from './tanstack-versions.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const CATEGORIES = ['red', 'green', 'blue']

/** Tasks `t000`…, with as many votes as their number, and each category in turn. */
const fill = (room: string, count: number) =>
  world.sql(
    room,
    `INSERT INTO tasks WITH RECURSIVE c (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < ?1)
     SELECT printf('t%03d', i), i, 'x', CASE i % 3 WHEN 0 THEN 'red' WHEN 1 THEN 'green' ELSE 'blue' END FROM c`,
    count - 1,
  )

function openBoard(room: string, db: TanStack, options: LiveOptions = {}) {
  const live = openClient(world, room, { db, ...options })
  const tasks = db.createCollection({
    ...doCollectionOptions({ client: live.client, table: 'tasks', syncMode: 'on-demand' }),
    ...indexed(db),
  })
  const inCategory = (category: string) =>
    db.createLiveQueryCollection((q) => q.from({ t: tasks }).where(({ t }) => db.eq(t.category, category)))
  const top = (limit: number, direction: 'asc' | 'desc' = 'desc', offset = 0) =>
    db.createLiveQueryCollection((q) =>
      q
        .from({ t: tasks })
        .orderBy(({ t }) => t.votes, direction)
        .limit(limit)
        .offset(offset),
    )
  return { ...live, tasks, inCategory, top }
}

const idsOf = ({ toArray }: { readonly toArray: readonly { readonly id: string }[] }) =>
  toArray.map(({ id }) => id)

describe.each(versions)('under @tanstack/db %s', (version, db) => {
  test('a category that nobody opened is never synced', async () => {
    const room = `categories-${version}`
    await fill(room, 30)
    const proxy = await world.frameProxy()
    const { inCategory, tasks } = openBoard(room, db, { port: proxy.port })
    const [red, green] = [inCategory('red'), inCategory('green')]
    await Promise.all([red.preload(), green.preload()])
    expect([red.size, green.size, tasks.size]).toEqual([10, 10, 20])
    await world.sql(room, `UPDATE tasks SET title = 'changed' WHERE category = 'blue'`)
    await world.sql(room, `UPDATE tasks SET title = 'changed' WHERE id = 't000'`)
    await until(() => expect(red.get('t000')?.title).toBe('changed'))
    const said = proxy.links.flatMap((link) => link.conversation.filter(({ from }) => from === 'server'))
    expect(said.map(({ text }) => text).join()).not.toContain('blue')
  })

  test('a narrower query takes no row from a wider one, a deleted row leaves both, and a row that moves is in exactly one [F2]', async () => {
    const room = `wider-${version}`
    await fill(room, 9)
    const { inCategory, tasks } = openBoard(room, db)
    const many = db.createLiveQueryCollection((q) => q.from({ t: tasks }).where(({ t }) => db.gt(t.votes, 2)))
    const [red, green] = [inCategory('red'), inCategory('green')]
    await Promise.all([many, red, green].map((live) => live.preload()))
    await world.sql(room, `UPDATE tasks SET category = 'green' WHERE id = 't003'`)
    await until(() => expect(idsOf(green)).toContain('t003'))
    expect([idsOf(red), many.has('t003')]).toEqual([['t000', 't006'], true])
    await world.sql(room, `DELETE FROM tasks WHERE id = 't003'`)
    await until(() =>
      expect([green.has('t003'), many.has('t003'), tasks.has('t003')]).toEqual([false, false, false]),
    )
  })

  test('rows of a query that ends leave, and one that was deleted meanwhile does not return with it [F3]', async () => {
    const room = `returns-${version}`
    await fill(room, 6)
    const { inCategory, tasks } = openBoard(room, db)
    const red = inCategory('red')
    await red.preload()
    await red.cleanup()
    await until(() => expect(tasks.size).toBe(0))
    expect(tasks.utils.stats()).toMatchObject({ rows: 0, subscriptions: 0 })
    await world.sql(room, `DELETE FROM tasks WHERE id = 't000'`)
    const again = inCategory('red')
    await again.preload()
    expect(idsOf(again)).toEqual(['t003'])
  })

  test('a query that ends and returns while its rows are on their way shows them once, and no ghosts [F4, F5, F11]', async () => {
    const room = `ghosts-${version}`
    await fill(room, 6)
    const proxy = await world.frameProxy()
    proxy.rule = ({ from, frame }) => (from === 'server' && frame?.type === 'joined' ? 'hold' : 'pass')
    const { inCategory, tasks } = openBoard(room, db, { port: proxy.port })
    const first = inCategory('red')
    first.subscribeChanges(() => {})
    await until(() => expect(proxy.links[0]?.serverFrames('joined')).toHaveLength(1))
    await first.cleanup()
    await world.sql(room, `DELETE FROM tasks WHERE id = 't000'`)
    proxy.rule = () => 'pass'
    const second = inCategory('red')
    await second.preload()
    proxy.links[0]?.release()
    await world.sql(room, `INSERT INTO tasks VALUES ('new', 1, 'x', 'red')`)
    await until(() => expect(idsOf(second).sort()).toEqual(['new', 't003']))
    expect(idsOf(tasks).sort()).toEqual(['new', 't003'])
  })

  test('two orders over one filter show their own windows, and growing one loads exactly its new rows [F1]', async () => {
    const room = `orders-${version}`
    await fill(room, 200)
    const { top, tasks } = openBoard(room, db)
    const [most, fewest] = [top(10), top(10, 'asc')]
    await Promise.all([most.preload(), fewest.preload()])
    expect(idsOf(most)).toEqual(Array.from({ length: 10 }, (_, i) => `t${199 - i}`))
    expect(idsOf(fewest)).toEqual(Array.from({ length: 10 }, (_, i) => `t00${i}`))
    expect(tasks.utils.stats()).toMatchObject({ rows: 30, subscriptions: 2, received: 30 })
    await most.utils.setWindow({ offset: 0, limit: 30 })
    expect(idsOf(most)).toEqual(Array.from({ length: 30 }, (_, i) => `t${199 - i}`))
    expect(tasks.utils.stats()).toMatchObject({ rows: 60, subscriptions: 2, received: 60 })
  })

  test('a second page beside the first shows its own rows, and so does a jump far down [E12]', async () => {
    const room = `pages-${version}`
    await fill(room, 200)
    const { top } = openBoard(room, db)
    const pages = [top(10), top(10, 'desc', 10), top(10, 'desc', 150)]
    await Promise.all(pages.map((page) => page.preload()))
    const shown = [0, 10, 150].map((offset) =>
      Array.from({ length: 10 }, (_, i) => `t${String(199 - offset - i).padStart(3, '0')}`),
    )
    expect(pages.map(idsOf)).toEqual(shown)
  })

  test('ten windows over one order are one subscription of the server [F8]', async () => {
    const room = `ten-${version}`
    await fill(room, 60)
    const proxy = await world.frameProxy()
    const { top } = openBoard(room, db, { port: proxy.port })
    const windows = Array.from({ length: 10 }, (_, i) => top(i + 1))
    await Promise.all(windows.map((live) => live.preload()))
    expect(windows.map(({ size }) => size)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    const joins = proxy.links[0]?.conversation.filter(({ frame }) => frame?.type === 'join')
    expect(joins).toHaveLength(1)
  })

  test('a load that needs more of a window resolves with the newest values of the rows that were held already [A4]', async () => {
    const room = `newest-${version}`
    await fill(room, 100)
    const { top, tasks } = openBoard(room, db)
    const first = top(10)
    await first.preload()
    // Past the library: nothing announces it before somebody asks.
    await world.storageSql(room, `UPDATE tasks SET title = 'changed' WHERE id = 't199' OR id = 't099'`)
    expect(tasks.get('t099')?.title).toBe('x')
    await first.utils.setWindow({ offset: 0, limit: 40 })
    expect(tasks.get('t099')?.title).toBe('changed')
  })

  test.each(keepings)(
    'kept: %s, a write outside of every subset is confirmed, and its optimistic row goes [C16]',
    async (kept, keeping) => {
      const room = `outside-${version}-${kept}`
      await fill(room, 6)
      const { confirmed, inCategory, tasks } = openBoard(room, db, keeping())
      await inCategory('red').preload()
      const tx = tasks.insert({ id: 'out', votes: 1, title: 'x', category: 'none' })
      expect(tasks.has('out')).toBe(true)
      await confirmed(tx)
      await until(() => expect(tasks.has('out')).toBe(false))
      expect((await world.rows(room, 'tasks')).map(({ id }) => id)).toContain('out')
    },
  )

  test('an edited row stays until its write is settled when its query has ended meanwhile [F9]', async () => {
    const room = `edited-${version}`
    await fill(room, 6)
    const proxy = await world.frameProxy()
    const { inCategory, tasks } = openBoard(room, db, { port: proxy.port })
    const red = inCategory('red')
    await red.preload()
    proxy.rule = ({ from, frame }) => (from === 'server' && frame?.type === 'changes' ? 'hold' : 'pass')
    const tx = tasks.update('t000', (draft) => {
      draft.title = 'mine'
    })
    await red.cleanup()
    const titles = watchSteadily(() => tasks.get('t000')?.title)
    await until(async () =>
      expect(await world.rows(room, 'tasks')).toContainEqual(expect.objectContaining({ title: 'mine' })),
    )
    proxy.rule = () => 'pass'
    proxy.links[0]?.release()
    await tx.isPersisted.promise
    await until(() => expect(tasks.has('t000')).toBe(false))
    await until(() => expect(titles()).toEqual(['mine', undefined]))
  })

  test('a load resolves only when its rows are visible, also while another write is persisting [F10]', async () => {
    const room = `visible-${version}`
    await fill(room, 6)
    const proxy = await world.frameProxy()
    const { inCategory, tasks } = openBoard(room, db, { port: proxy.port })
    await inCategory('green').preload()
    proxy.rule = ({ from, frame }) => (from === 'server' && frame?.type === 'changes' ? 'hold' : 'pass')
    const tx = tasks.insert({ id: 'mine', votes: 1, title: 'x', category: 'green' })
    const red = inCategory('red')
    let shown: number | undefined
    const load = red.preload().then(() => {
      shown = red.size
    })
    await until(() => expect(proxy.links[0]?.serverFrames('joined')).toHaveLength(2))
    expect(shown).toBeUndefined()
    proxy.rule = () => 'pass'
    proxy.links[0]?.release()
    await Promise.all([tx.isPersisted.promise, load])
    expect(shown).toBe(2)
  })

  test('cleaning one collection up leaves the others of the connection live, and it can start again [F7]', async () => {
    const room = `cleaned-${version}`
    await fill(room, 6)
    const { inCategory, tasks, notes } = openBoard(room, db)
    const red = inCategory('red')
    await Promise.all([red.preload(), notes.preload()])
    await red.cleanup()
    await tasks.cleanup()
    await world.sql(room, `INSERT INTO notes VALUES ('n', 'n', '')`)
    await until(() => expect(notes.has('n')).toBe(true))
    const again = inCategory('green')
    await again.preload()
    expect(again.size).toBe(2)
    expect(CATEGORIES).toContain(again.toArray[0]?.category)
  })
})
