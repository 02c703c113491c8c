import { doCollectionOptions } from '@durable-sync/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { until } from './convergence.ts'
import { indexed } from './indexed.ts'
import { openClient } from './live-client.ts'
import { type TanStack, versions } from './tanstack-versions.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

function openTodos(room: string, db: TanStack, port = world.port) {
  const live = openClient(world, room, { db, port })
  const open = (syncMode: 'eager' | 'on-demand') =>
    db.createCollection({
      ...doCollectionOptions({ client: live.client, table: 'todos', syncMode }),
      ...indexed(db),
    })
  return { ...live, onDemand: open('on-demand'), eager: open('eager') }
}
type Todos = ReturnType<typeof openTodos>['onDemand']

/** How a load of the collection ended, asked for as TanStack asks, with the error that the library rejects with. */
function loaded(collection: Todos, where: (row: never) => unknown): Promise<{ code: string } | 'ok'> {
  return new Promise((resolve) => {
    const subscription = collection.subscribeChanges(() => {}, {
      where: where as never,
      includeInitialState: true,
      onLoadSubsetError: ({ error }: { error: unknown }) => resolve(error as { code: string }),
      onLoadSubsetResult: (result: unknown) =>
        void Promise.resolve(result).then(
          () => resolve('ok'),
          (error: { code: string }) => resolve(error),
        ),
    } as never)
    void subscription
  })
}

describe.each(versions)('under @tanstack/db %s', (version, db) => {
  type Field = { readonly [column: string]: never }
  const deep = (row: Field) => {
    let expression: unknown = db.eq(row.title as unknown, 'x')
    for (let i = 0; i < 45; i++) expression = db.not(expression as never)
    return expression
  }
  const refused: readonly (readonly [string, string, (row: Field) => unknown])[] = [
    ['an unknown column', 'unknown-column', (row) => db.eq(row.nope as unknown, 1)],
    [
      'a path inside a column',
      'predicate-unsupported',
      (row) => db.eq((row.meta as unknown as { x: unknown }).x, 1),
    ],
    ['a function', 'predicate-unsupported', (row) => db.eq(db.upper(row.title as never), 'X')],
    ['two columns', 'predicate-unsupported', (row) => db.eq(row.title as unknown, row.id as unknown)],
    ['the order of text against a number', 'predicate-unsupported', (row) => db.gt(row.title as unknown, 5)],
    ['the order of a document', 'predicate-unsupported', (row) => db.gt(row.meta as unknown, 'x')],
    ['more levels than are allowed', 'predicate-unsupported', deep],
  ]

  test.each(refused)(
    'a load with %s is rejected with %s at once; an empty result is none, and the others are live [E4, E5, F6]',
    async (name, code, where) => {
      const room = `refused-${version}-${name.replaceAll(' ', '-')}`
      await world.sql(room, `INSERT INTO todos (id, title) VALUES ('a', 'x')`)
      const proxy = await world.frameProxy()
      const { onDemand } = openTodos(room, db, proxy.port)
      const good = db.createLiveQueryCollection((q) =>
        q.from({ t: onDemand }).where(({ t }) => db.eq(t.title, 'x')),
      )
      await good.preload()
      expect(await loaded(onDemand, (row: { id: unknown }) => db.eq(row.id, 'nobody'))).toBe('ok')
      expect(await loaded(onDemand, where as never)).toMatchObject({ name: 'ProtocolError', code })
      await world.sql(room, `INSERT INTO todos (id, title) VALUES ('b', 'x')`)
      await until(() => expect(good.size).toBe(2))
      // It is asked once, if at all.
      const joins = proxy.links[0]?.conversation.filter(({ frame }) => frame?.type === 'join').length
      expect(joins).toBe(code === 'unknown-column' || name.startsWith('the order') ? 3 : 2)
      expect(proxy.links).toHaveLength(1)
    },
  )

  test('more subscriptions than the server keeps are refused one by one, and the first ones are live [I3]', async () => {
    const room = `too-many-${version}`
    await world.control(room, 'register', { limits: { subscriptions: 3 } })
    await world.sql(room, `INSERT INTO todos (id, title) VALUES ('a', 't0')`)
    const { onDemand } = openTodos(room, db)
    const first = db.createLiveQueryCollection((q) =>
      q.from({ t: onDemand }).where(({ t }) => db.eq(t.title, 't0')),
    )
    await first.preload()
    const titles = ['t1', 't2', 't3', 't4']
    const ends = await Promise.all(
      titles.map((title) => loaded(onDemand, (row: { title: unknown }) => db.eq(row.title, title))),
    )
    expect(ends.slice(0, 2)).toEqual(['ok', 'ok'])
    for (const end of ends.slice(2)) expect(end).toMatchObject({ code: 'too-many-subscriptions' })
    await world.sql(room, `INSERT INTO todos (id, title) VALUES ('b', 't0')`)
    await until(() => expect(first.size).toBe(2))
  })

  test('an ordered query whose order the server cannot give is answered from all rows of its filter [E9]', async () => {
    const room = `locale-${version}`
    const titles = ['b', 'Ä', 'a', 'B', 'ä', 'z', '10', '9']
    for (const [i, title] of titles.entries())
      await world.sql(room, `INSERT INTO todos (id, title) VALUES ('${i}', '${title}')`)
    const { onDemand, eager } = openTodos(room, db)
    const query = (collection: Todos) =>
      db.createLiveQueryCollection((q) =>
        q
          .from({ t: collection })
          .orderBy(({ t }) => t.title, 'asc')
          .limit(4),
      )
    await eager.preload()
    const [shown, wanted] = [query(onDemand), query(eager)]
    await Promise.all([shown.preload(), wanted.preload()])
    const read = ({ toArray }: typeof shown) => toArray.map(({ title }) => title)
    expect(read(shown)).toEqual(read(wanted))
    await world.sql(room, `INSERT INTO todos (id, title) VALUES ('new', 'Á')`)
    await until(() => expect(read(shown)).toContain('Á'))
    expect(read(shown)).toEqual(read(wanted))
  })

  test('a collection whose own filter is refused fails alone', async () => {
    const room = `own-${version}`
    const { client, notes } = openTodos(room, db)
    const where = (todo: object) => db.eq((todo as Field).nope as unknown, 1)
    const wrong = db.createCollection(doCollectionOptions({ client, table: 'todos', where }))
    await expect(wrong.preload()).rejects.toThrow()
    expect(wrong.utils.syncState.get()).toMatchObject({ phase: 'error', error: { code: 'unknown-column' } })
    await notes.preload()
    await world.sql(room, `INSERT INTO notes VALUES ('n', 'n', '')`)
    await until(() => expect(notes.has('n')).toBe(true))
  })
})
