import { doCollectionOptions, filter } from '@durable-sync/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { equalsServer, shownBy, until } from './convergence.ts'
import { keepings } from './keepings.ts'
import { openClient } from './live-client.ts'
import { watchSteadily } from './steady-watch.ts'
import { versions } from './tanstack-versions.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const idsOf = ({ toArray }: { readonly toArray: readonly { readonly id: string }[] }) =>
  toArray.map(({ id }) => id).sort()

const tasks = (room: string, ...rows: readonly (readonly [string, number | null, string | null])[]) =>
  world.control(room, 'write', {
    statements: rows.map(
      ([id, votes, category]) =>
        `INSERT OR REPLACE INTO tasks (id, votes, title, category) VALUES ('${id}', ${votes}, '${id}', ${category === null ? 'NULL' : `'${category}'`})`,
    ),
  })

describe.each(versions)('under @tanstack/db %s', (version, db) => {
  test('an eager collection with a filter shows exactly the rows that match, however the filter is said', async () => {
    const room = `said-${version}`
    const { client } = openClient(world, room, { db })
    await tasks(room, ['a', 1, 'red'], ['b', 5, 'red'], ['c', 5, 'blue'], ['d', null, 'red'], ['e', 9, null])
    const shown = [
      doCollectionOptions({ client, table: 'tasks', where: { category: 'red', votes: [5, 9] } }),
      doCollectionOptions({
        client,
        table: 'tasks',
        where: (task) => db.and(db.eq(task.category, 'red'), db.gt(task.votes, 1)),
      }),
      doCollectionOptions({
        client,
        table: 'tasks',
        where: filter.and(filter.eq('category', 'red'), filter.gt('votes', 1)),
      }),
      doCollectionOptions({ client, table: 'tasks', where: { votes: null } }),
    ].map((options) => db.createCollection(options))
    await Promise.all(shown.map((collection) => collection.preload()))
    expect(shown.map(idsOf)).toEqual([['b'], ['b'], ['b'], ['d']])
    await tasks(room, ['a', 5, 'red'], ['c', 5, 'red'], ['d', 9, 'red'], ['f', 0, 'red'])
    await until(() =>
      expect(shown.map(idsOf)).toEqual([
        ['a', 'b', 'c', 'd'],
        ...Array.from({ length: 2 }, () => ['a', 'b', 'c', 'd']),
        [],
      ]),
    )
  })

  test.each(keepings)(
    'kept: %s, a row that is edited out of the filter leaves, and comes back whole, in the writer and in the others [C17, E6]',
    async (kept, keeping) => {
      const room = `moves-${version}-${kept}`
      await tasks(room, ['a', 1, 'red'], ['b', 2, 'red'])
      const open = (userId: string) => {
        const { client, confirmed } = openClient(world, room, { db, claims: { userId }, ...keeping(userId) })
        const red = db.createCollection(
          doCollectionOptions({ client, table: 'tasks', where: (task) => db.eq(task.category, 'red') }),
        )
        return { confirmed, red }
      }
      const { confirmed, red: mine } = open('alice')
      const { red: theirs } = open('bob')
      await Promise.all([mine.preload(), theirs.preload()])
      const out = mine.update('a', (draft) => {
        draft.category = 'blue'
      })
      await confirmed(out)
      await until(() => expect([idsOf(mine), idsOf(theirs)]).toEqual([['b'], ['b']]))
      expect(await world.rows(room, 'tasks')).toMatchObject([{ id: 'a', category: 'blue' }, { id: 'b' }])
      await world.sql(room, `UPDATE tasks SET category = 'red' WHERE id = 'a'`)
      await until(() =>
        expect([idsOf(mine), idsOf(theirs)]).toEqual([
          ['a', 'b'],
          ['a', 'b'],
        ]),
      )
      expect(mine.get('a')).toMatchObject({ id: 'a', votes: 1, title: 'a', category: 'red' })
    },
  )

  test('one reconnect brings what was inserted, changed, deleted and moved in and out of a filter, without a snapshot [B5]', async () => {
    const room = `offline-${version}`
    await tasks(room, ['stays', 1, 'red'], ['goes', 1, 'red'], ['out', 1, 'red'], ['in', 1, 'blue'])
    const proxy = await world.frameProxy()
    const { client, gate } = openClient(world, room, { db, port: proxy.port })
    const red = db.createCollection(
      doCollectionOptions({ client, table: 'tasks', where: { category: 'red' } }),
    )
    await red.preload()
    gate.shut()
    proxy.cut()
    await until(() => expect(gate.waiting).toBe(1))
    await tasks(room, ['stays', 2, 'red'], ['out', 1, 'blue'], ['in', 1, 'red'], ['new', 1, 'red'])
    await world.sql(room, `DELETE FROM tasks WHERE id = 'goes'`)
    const sizes = watchSteadily(() => idsOf(red).join())
    gate.admit()
    await until(() => expect(idsOf(red)).toEqual(['in', 'new', 'stays']))
    expect(red.get('stays')?.votes).toBe(2)
    expect(sizes()).toEqual(['goes,out,stays', 'in,new,stays'])
    expect(proxy.links.at(-1)?.serverFrames('chunk')).toEqual([])
  })

  test('bytes, dates, booleans and big integers are compared and shown as the application has them [D7]', async () => {
    const room = `kinds-${version}`
    await world.control(room, 'write', {
      statements: [
        `INSERT INTO todos (id, title, done, due_at, views, avatar) VALUES ('a', 'x', 1, 1000, 9007199254740993, x'00FF')`,
        `INSERT INTO todos (id, title, done, due_at, views, avatar) VALUES ('b', 'x', 0, 2000, 5, x'01')`,
        `INSERT INTO todos (id, title, done) VALUES ('c', 'x', 0)`,
      ],
    })
    const { client } = openClient(world, room, { db })
    const shown = [
      doCollectionOptions({ client, table: 'todos', where: { done: true } }),
      doCollectionOptions({ client, table: 'todos', where: (todo) => todo.done }),
      doCollectionOptions({ client, table: 'todos', where: (todo) => db.gt(todo.due_at, new Date(1500)) }),
      doCollectionOptions({ client, table: 'todos', where: { views: 9007199254740993n } }),
      doCollectionOptions({ client, table: 'todos', where: { avatar: new Uint8Array([0, 255]) } }),
    ].map((options) => db.createCollection(options))
    await Promise.all(shown.map((collection) => collection.preload()))
    expect(shown.map(idsOf)).toEqual([['a'], ['a'], ['b'], ['a'], ['a']])
    expect(shown[4]?.get('a')?.avatar).toEqual(new Uint8Array([0, 255]))
  })

  test('a row of a collection with a read filter leaves when it may not be seen any more, without its key being told [I5]', async () => {
    const room = `read-filter-${version}`
    const insert = (id: string, owner: string) =>
      world.sql(room, `INSERT INTO documents (id, owner, title) VALUES ('${id}', '${owner}', '')`)
    for (const id of ['a', 'b', 'c']) await insert(id, 'alice')
    await insert('secret', 'bob')
    const proxy = await world.frameProxy()
    const { client } = openClient(world, room, { db, port: proxy.port })
    const documents = db.createCollection(doCollectionOptions({ client, table: 'documents' }))
    await documents.preload()
    expect(idsOf(documents)).toEqual(['a', 'b', 'c'])
    await world.sql(room, `UPDATE documents SET owner = 'bob' WHERE id = 'a'`)
    await world.sql(room, `DELETE FROM documents WHERE id IN ('b', 'secret')`)
    await until(() => expect(idsOf(documents)).toEqual(['c']))
    const said = proxy.links.flatMap((link) => link.serverFrames('changes'))
    expect(JSON.stringify(said)).not.toContain('secret')
    await insert('a2', 'alice')
    await until(() => expect(idsOf(documents)).toEqual(['a2', 'c']))
  })

  test('rows come and go with the rights of the user, while the connection stays, and all go with the last right [I5, I6]', async () => {
    const room = `rights-${version}`
    await world.control(room, 'write', {
      statements: [
        `INSERT INTO documents (id, owner, team, size) VALUES ('mine', 'alice', NULL, 1), ('red', 'bob', 'red', 1), ('blue', 'bob', 'blue', 1)`,
      ],
    })
    const proxy = await world.frameProxy()
    const { client } = openClient(world, room, {
      db,
      port: proxy.port,
      claims: { userId: 'alice', role: 'red' },
    })
    const all = db.createCollection(doCollectionOptions({ client, table: 'documents' }))
    // A filter of the client's own cannot see more.
    const wider = db.createCollection(
      doCollectionOptions({ client, table: 'documents', where: { owner: ['alice', 'bob'] } }),
    )
    const onDemand = db.createCollection(
      doCollectionOptions({ client, table: 'documents', syncMode: 'on-demand' }),
    )
    const asked = db.createLiveQueryCollection((q) =>
      q.from({ d: onDemand }).where(({ d }) => db.eq(d.size, 1)),
    )
    await Promise.all([all, wider, asked].map((each) => each.preload()))
    const shown = () => [all, wider, asked].map(idsOf)
    expect(shown()).toEqual(Array.from({ length: 3 }, () => ['mine', 'red']))
    const become = (role: string) =>
      world.control(room, 'setClaims', { userId: 'alice', claims: { userId: 'alice', role } })
    await become('blue')
    await until(() => expect(shown()).toEqual(Array.from({ length: 3 }, () => ['blue', 'mine'])))
    await become('nobody')
    await until(() => expect(shown()).toEqual([[], [], []]))
    for (const { utils } of [all, wider, onDemand])
      expect(utils.syncState.get()).toMatchObject({ phase: 'error', error: { code: 'read-denied' } })
    expect(proxy.links).toHaveLength(1)
  })

  test('a filter that speaks of no column fails its collection and nothing else', async () => {
    const room = `columnless-${version}`
    const { client, notes } = openClient(world, room, { db })
    for (const where of [{}, () => true, () => db.and(true, true)]) {
      const none = db.createCollection(doCollectionOptions({ client, table: 'tasks', where }))
      await expect(none.preload()).rejects.toThrow()
      expect(none.utils.syncState.get()).toMatchObject({
        phase: 'error',
        error: { code: 'filter-without-column' },
      })
    }
    await notes.preload()
    await equalsServer(world, room, { notes })
  })

  test('a filter whose column goes away fails alone, and recovers when the column is back [H2]', async () => {
    const room = `restored-${version}`
    await tasks(room, ['a', 1, 'red'])
    const { client, notes } = openClient(world, room, { db })
    const red = db.createCollection(
      doCollectionOptions({ client, table: 'tasks', where: { category: 'red' } }),
    )
    await Promise.all([red.preload(), notes.preload()])
    await world.storageSql(room, 'DROP INDEX tasks_category')
    await world.storageSql(room, 'ALTER TABLE tasks RENAME COLUMN category TO kind')
    await world.control(room, 'register', {})
    await until(() =>
      expect(red.utils.syncState.get()).toMatchObject({ phase: 'error', error: { code: 'unknown-column' } }),
    )
    await world.sql(room, `INSERT INTO notes VALUES ('n', 'n', '')`)
    await equalsServer(world, room, { notes })
    await world.storageSql(room, 'ALTER TABLE tasks RENAME COLUMN kind TO category')
    await world.control(room, 'register', {})
    await world.control(room, 'disconnect', { userId: 'alice' })
    await until(() => expect(red.utils.syncState.get()).toEqual({ phase: 'live' }))
    expect(shownBy(red)).toMatchObject([{ id: 'a', category: 'red' }])
  })
})
