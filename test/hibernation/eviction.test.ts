import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, declared, insert, mutate, remove, under, update } from '../protocol/items.ts'
import { Watcher } from '../protocol/watcher.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const TABLES = ['todos', 'notes', 'comments']

/** Two people in a room, and what they do one after the other. */
class Conversation {
  readonly room: string
  #alice: Watcher | undefined
  #bob: Watcher | undefined

  constructor(room: string) {
    this.room = room
  }

  get alice(): Watcher {
    if (!this.#alice) throw new Error('alice has not come yet')
    return this.#alice
  }

  get bob(): Watcher {
    if (!this.#bob) throw new Error('bob has not come yet')
    return this.#bob
  }

  async come(who: 'alice' | 'bob'): Promise<void> {
    const watcher = await Watcher.open(world, this.room, TABLES, {
      client: who,
      claims: { userId: who },
      cids: [{ cid: who === 'alice' ? 'cid-1' : 'cid-b', seen: 0 }],
    })
    if (who === 'alice') this.#alice = watcher
    else this.#bob = watcher
  }

  /** Everybody who is there shows what the object holds. */
  async expectEqual(): Promise<void> {
    for (const watcher of [this.#alice, this.#bob]) {
      if (!watcher) continue
      const probe = { type: 'page', request: 1, sub: 1, after: [], limit: 1 } as const
      watcher.client.send(probe)
      // Whatever was on its way comes before the answer.
      for (;;) {
        const frame = await watcher.client.take('the answer to a probe')
        if (frame.type === 'refused') break
        expect(frame.type).toBe('changes')
        if (frame.type === 'changes')
          watcher.apply({ frames: [frame], from: frame.from, to: frame.to, live: false, settled: [] })
      }
      await watcher.expectEqual()
    }
  }

  async end(): Promise<void> {
    for (const watcher of [this.#alice, this.#bob]) await watcher?.client.close()
  }
}

const committed = (n: number, cid = 'cid-1') => ({ cid, n, outcome: { is: 'committed' } })
const todo = (key: string) => insert('todos', key, { title: key })

const STEPS: readonly (readonly [string, (the: Conversation) => Promise<void>])[] = [
  ['alice comes and joins three collections', (the) => the.come('alice')],
  ['bob comes and joins three collections', (the) => the.come('bob')],
  [
    'alice inserts',
    async ({ alice }) => expect(await alice.settle(mutate(1, todo('a'), todo('b')))).toEqual([committed(1)]),
  ],
  [
    'bob inserts into two collections at once',
    async ({ bob }) => {
      const ops = [
        insert('notes', 'n', { slug: 's', title: 't' }),
        insert('comments', 'c', { note_id: 'n', content: '' }),
      ]
      expect(await bob.settle(under('cid-b', mutate(1, ...ops)))).toEqual([committed(1, 'cid-b')])
    },
  ],
  [
    'alice is rejected',
    async ({ alice }) =>
      expect(await alice.settle(mutate(2, insert('nowhere', 'k', {})))).toMatchObject([
        { outcome: { is: 'rejected' } },
      ]),
  ],
  [
    'alice updates',
    async ({ alice }) =>
      expect(await alice.settle(mutate(3, update('todos', 'a', { title: 'changed' })))).toEqual([
        committed(3),
      ]),
  ],
  ['the server writes', ({ room }) => world.sql(room, `UPDATE todos SET rank = 5`).then(() => undefined)],
  [
    'the server writes past the library and says nothing',
    ({ room }) => world.storageSql(room, `DELETE FROM todos WHERE id = 'b'`).then(() => undefined),
  ],
  [
    'bob calls',
    async ({ bob }) =>
      expect(await bob.settle(under('cid-b', call(2, 'echo', 'x')))).toEqual([
        { cid: 'cid-b', n: 2, outcome: { is: 'committed', result: 'x' } },
      ]),
  ],
  [
    'bob asks for what he was told before',
    async ({ bob }) =>
      expect(await bob.settle(under('cid-b', call(2, 'echo', 'y')))).toMatchObject([
        { outcome: { result: 'x' } },
      ]),
  ],
  ['alice loads a collection again', async ({ alice }) => void (await alice.join(2))],
  [
    'alice says what she has seen',
    async ({ alice }) => alice.client.send({ type: 'seen', cids: [{ cid: 'cid-1', seen: 3 }] }),
  ],
  [
    'bob deletes what takes something else along',
    async ({ bob }) =>
      expect(await bob.settle(under('cid-b', mutate(3, remove('notes', 'n'))))).toEqual([
        committed(3, 'cid-b'),
      ]),
  ],
  ['alice reconnects', async ({ alice }) => void (await alice.resume())],
  [
    'alice writes on her new socket',
    async ({ alice }) => expect(await alice.settle(mutate(4, todo('z')))).toEqual([committed(4)]),
  ],
]

async function converse(room: string, evictAfter: (step: number) => boolean): Promise<Conversation> {
  const the = new Conversation(room)
  for (const [i, [name, act]] of STEPS.entries()) {
    await act(the).catch((cause: unknown) => {
      throw new Error(`in the step “${name}”`, { cause })
    })
    if (evictAfter(i)) await world.evict(room)
  }
  await the.expectEqual()
  return the
}

test.each(STEPS.map(([name], i) => [i, name] as const))(
  'an eviction after step %i, when %s, loses nothing and closes no socket [H1]',
  async (step) => {
    const room = `after-${step}`
    const the = await converse(room, (i) => i === step)
    expect((await world.stats(room)).constructed).toBe(2)
    await the.end()
  },
)

test('an eviction between every pair of steps loses nothing and closes no socket [H1]', async () => {
  const the = await converse('always', () => true)
  expect((await world.stats('always')).constructed).toBe(STEPS.length + 1)
  const { sockets } = await world.stats('always')
  expect(sockets).toBe(2)
  await the.end()
})

test('a write from elsewhere reaches clients that slept, only what is new, without a word from them [H1]', async () => {
  const watcher = await Watcher.open(world, 'idle', TABLES)
  for (let i = 0; i < 20; i++) await world.sql('idle', `INSERT INTO todos (id, title) VALUES ('${i}', '')`)
  while (watcher.rows('todos').size < 20) await watcher.pass()
  await world.evict('idle')
  await world.sql('idle', `INSERT INTO todos (id, title) VALUES ('new', '')`)
  const { frames } = await watcher.pass()
  expect(frames).toHaveLength(1)
  expect(frames[0]?.tables.todos?.up.map(([id]) => id)).toEqual(['new'])
  await watcher.expectEqual()
})

test('a wake without a change says nothing to anybody [H1]', async () => {
  const watcher = await Watcher.open(world, 'quiet', TABLES)
  await world.sql('quiet', `INSERT INTO todos (id, title) VALUES ('a', '')`)
  await watcher.pass()
  for (let i = 0; i < 3; i++) {
    await world.evict('quiet')
    await world.stats('quiet')
  }
  await watcher.client.expectNothing()
})

test('an object that was woken and put to sleep without a word to anybody still knows its subscribers [H1]', async () => {
  const watcher = await Watcher.open(world, 'silent', ['samples'])
  for (let i = 0; i < 3; i++) {
    await world.evict('silent')
    await world.rows('silent', 'samples')
  }
  await world.sql('silent', `INSERT INTO samples (id) VALUES ('a')`)
  await watcher.pass()
  await watcher.expectEqual()
})

test('a change that was written and not announced is announced on the wake, before anything is dispatched [H1, R2]', async () => {
  const watcher = await Watcher.open(world, 'unannounced', TABLES, declared)
  await world.storageSql('unannounced', `INSERT INTO todos (id, title) VALUES ('a', '')`)
  await watcher.client.expectNothing(50)
  await world.evict('unannounced')
  watcher.client.push(call(1, 'echo', 1))
  const woken = await watcher.pass()
  expect([woken.frames[0]?.tables.todos?.up.length, woken.settled.length]).toEqual([1, 0])
  await watcher.expectEqual()
  expect((await watcher.pass()).settled).toHaveLength(1)
})
