import { doCollectionOptions, memoryDevice } from '@durable-sync/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import type { Todo } from '../worker/rows.ts'
import { shownBy, until } from './convergence.ts'
import { ending } from './ending.ts'
import { indexed } from './indexed.ts'
import { keepings } from './keepings.ts'
import { type LiveOptions, openClient } from './live-client.ts'
import { newestTanStack, versions } from './tanstack-versions.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

/** What every object inherits. */
const NAMES = ['constructor', 'hasOwnProperty', 'toString'] as const
const KEYS = [...NAMES, '__proto__'] as const

interface Odd {
  readonly id: string
  constructor: boolean | null
  hasOwnProperty: number | null
  toString: string | null
}

async function makeTable(room: string): Promise<void> {
  await world.storageSql(
    room,
    'CREATE TABLE odd (id TEXT PRIMARY KEY, "constructor" INTEGER, "hasOwnProperty" REAL, "toString" TEXT) WITHOUT ROWID',
  )
  await world.control(room, 'register', {
    collections: [
      {
        table: 'odd',
        pk: 'id',
        kinds: Object.fromEntries([['constructor', 'boolean' as const]]),
        writable: NAMES,
      },
    ],
  })
}

function open(room: string, options: LiveOptions = {}) {
  const { db = newestTanStack } = options
  const live = openClient(world, room, options)
  const made = (syncMode: 'eager' | 'on-demand') =>
    db.createCollection<Odd, string>({
      ...(doCollectionOptions({ client: live.client, table: 'odd', syncMode } as never) as object),
      ...indexed(db),
    } as never)
  return { ...live, odd: made('eager'), onDemand: () => made('on-demand') }
}

/** JSON of its fields in the order of their names: that sees a field which is called `__proto__`. */
const plain = (rows: readonly object[]) => JSON.stringify(rows.map((row) => Object.entries(row).sort()))
const stored = (room: string) => world.storageSql(room, 'SELECT * FROM odd ORDER BY id')
const row = (id: (typeof KEYS)[number], rest: Readonly<Record<string, unknown>> = {}): Odd => ({
  id,
  constructor: true,
  hasOwnProperty: KEYS.indexOf(id),
  toString: id,
  ...rest,
})

describe.each(versions)('under @tanstack/db %s', (version, db) => {
  test.each(keepings)(
    'columns and keys that are called like what every object inherits are like any other, kept: %s [D3, D8]',
    async (kept, keeping) => {
      const room = `inherited-${version}-${kept}`
      await makeTable(room)
      const alice = open(room, { db, ...keeping() })
      const bob = open(room, { db, claims: { userId: 'bob' }, ...keeping('bob') })
      await Promise.all([alice.odd.preload(), bob.odd.preload()])
      await alice.confirmed(alice.odd.insert(KEYS.map((key) => row(key))))
      await alice.confirmed(
        alice.odd.update('__proto__', (draft) => {
          draft.constructor = false
          draft.toString = null
        }),
      )
      await alice.confirmed(alice.odd.delete('toString'))
      const rows = await stored(room)
      expect(plain(rows)).toBe(
        plain([
          row('__proto__', { constructor: 0, toString: null }),
          row('constructor', { constructor: 1 }),
          row('hasOwnProperty', { constructor: 1 }),
        ]),
      )
      const late = open(room, { db })
      await late.odd.preload()
      for (const { odd } of [alice, bob, late])
        await until(() => expect(plain(shownBy(odd))).toBe(plain(rows)))
      expect(late.odd.get('constructor')?.constructor).toBe(true)
      const found = db.createLiveQueryCollection((q) =>
        q
          .from({ t: late.onDemand() })
          .where(({ t }) => db.eq(t.constructor, true))
          .orderBy(({ t }) => t.hasOwnProperty, 'desc')
          .limit(1),
      )
      await found.preload()
      expect(found.toArray.map(({ id }) => id)).toEqual(['hasOwnProperty'])
    },
  )

  test.each(keepings)('a document may have a field of any name, kept: %s [D8]', async (kept, keeping) => {
    const room = `fields-${version}-${kept}`
    const alice = openClient(world, room, { db, ...keeping() })
    const bob = openClient(world, room, { db, claims: { userId: 'bob' }, ...keeping('bob') })
    await Promise.all([alice.todos.preload(), bob.todos.preload()])
    const text = '{"__proto__":{"polluted":1},"constructor":{"prototype":2},"toString":null}'
    const todo = { id: 'a', title: 'a', done: false, meta: JSON.parse(text) as unknown }
    await alice.confirmed(alice.todos.insert(todo as Todo))
    await alice.confirmed(
      alice.todos.update('a', (draft) => {
        draft.title = 'b'
      }),
    )
    expect(await world.storageSql(room, 'SELECT title, meta FROM todos')).toEqual([
      { title: 'b', meta: text },
    ])
    for (const { todos } of [alice, bob])
      await until(() => {
        const row = todos.get('a')
        expect([row?.title, JSON.stringify(row?.meta)]).toEqual(['b', text])
      })
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
})

test('what is written offline under such names is shown by the next page, and arrives [D8]', async () => {
  const room = 'inherited-offline'
  await makeTable(room)
  const storage = memoryDevice('alice')
  const first = open(room, { storage, gate: 'shut' })
  first.odd.preload().catch(() => {})
  await first.odd.insert(KEYS.map((key) => row(key))).isPersisted.promise
  await first.odd.update('constructor', (draft) => {
    draft.hasOwnProperty = null
  }).isPersisted.promise
  await first.client.close()
  const next = open(room, { storage, gate: 'shut' })
  next.odd.preload().catch(() => {})
  const written = [
    row('__proto__'),
    row('constructor', { hasOwnProperty: null }),
    row('hasOwnProperty'),
    row('toString'),
  ]
  const asStored = written.map((each) => ({ ...each, constructor: 1 }))
  await until(() => expect(plain(shownBy(next.odd))).toBe(plain(asStored)))
  next.gate.admit()
  await until(async () => expect(plain(await stored(room))).toBe(plain(asStored)))
})

test('a row with a column that no table can have is refused at once, and rolled back [D3]', async () => {
  const room = 'proto'
  await makeTable(room)
  const { odd, client } = open(room)
  await odd.preload()
  for (const value of ['"text"', 'null', '{"id":"other"}']) {
    const spoilt = JSON.parse(`{"id":"a","__proto__":${value}}`) as Odd
    expect(await ending(odd.insert(spoilt).isPersisted.promise)).toMatchObject({
      name: 'ProtocolError',
      code: 'value-invalid',
      message: expect.stringContaining('__proto__') as unknown,
    })
  }
  expect([odd.size, client.pendingWrites.get().count]).toEqual([0, 0])
  expect(await stored(room)).toEqual([])
})
