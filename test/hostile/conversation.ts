import type { PushItem } from '@durable-sync/core/wire'
import type { RawClient } from '../support/raw-client.ts'
import type { World } from '../support/world.ts'
import type { Claims } from '../worker/rows.ts'

const MALLORY: Claims = { userId: 'mallory' }

const insert = (cid: string, n: number, key: string, cols: Record<string, unknown>): PushItem =>
  ({ cid, n, do: 'mutate', ops: [{ collection: 'todos', type: 'insert', key, cols }] }) as PushItem

/**
 * Everything that a client may say, as a client says it: recorded from conversations that go well. Texts are in the order in which they
 * were sent; every hello begins a socket.
 */
export async function recordConversations(world: World, room: string): Promise<string[]> {
  const proxy = await world.frameProxy()
  const open = () => world.connectTo(world.url(room, MALLORY, proxy.port))
  const first = await open()
  await first.enter({ client: 'recorded', cids: [{ cid: 'r-1', seen: 0 }] })
  await first.join({ sub: 1, collection: 'todos' })
  await first.join({ sub: 2, collection: 'notes' })
  await first.join({ sub: 3, collection: 'samples' })
  await everyPush(first)
  first.send({ type: 'seen', cids: [{ cid: 'r-1', seen: 3 }] })
  first.send({ type: 'open', cids: [{ cid: 'r-2', seen: 0 }] })
  await first.settle(insert('r-2', 1, 'of another id', { title: 'x' }))
  first.send({ type: 'retire', cids: ['r-2'] })
  first.send({ type: 'leave', sub: 3 })
  first.send({ type: 'ack', bytes: 4096 })
  first.send({ type: 'auth', token: JSON.stringify(MALLORY) })
  await first.next('authed')
  await everyPart(first)
  await everyRefusal(first)
  const { at } = first
  const shape = (await first.join({ sub: 1, collection: 'todos' })).end.shape
  await first.close()
  const second = await open()
  await second.enter({
    client: 'recorded',
    cids: [{ cid: 'r-1', seen: 3 }],
    at,
    subs: [
      { id: 1, joined: true, collection: 'todos', shape },
      { id: 2, joined: false, collection: 'notes' },
      {
        id: 4,
        joined: true,
        collection: 'todos',
        shape: 'another',
        where: WHERE,
        window: WINDOW,
        boundary: ['a', 'key'],
      },
    ],
  })
  if (at !== null) await second.join({ sub: 2, collection: 'todos', shape, since: at })
  second.send({
    type: 'join',
    sub: 9,
    join: 99,
    collection: 'todos',
    p0: at ?? undefined,
    shape,
    after: 'a',
  } as never)
  await second.until('joined')
  await second.close()
  return proxy.links.flatMap((link) =>
    link.conversation.flatMap(({ from, text }) => (from === 'client' ? [text] : [])),
  )
}

const WHERE = {
  op: 'and',
  of: [
    { op: 'eq', column: 'title', value: 'x' },
    { op: 'not', of: { op: 'in', column: 'rank', values: [1, 2.5, { int: '9007199254740993' }] } },
    {
      op: 'or',
      of: [
        { op: 'isNull', column: 'owner' },
        { op: 'like', column: 'title', value: 'a%' },
      ],
    },
  ],
} as const

const WINDOW = {
  order: [{ column: 'title', descending: true, nulls: 'last', text: 'binary' }],
  limit: 10,
} as const

async function everyPush(client: RawClient): Promise<void> {
  const meta = { json: { nested: [1, 'two', { three: null }] } }
  const row = {
    title: 'x',
    done: true,
    due_at: { date: 1_800_000_000_000 },
    meta,
    views: { int: '9007199254740993' },
  }
  await client.settle(insert('r-1', 1, 'a', { ...row, avatar: { hex: '00ff' }, rank: 0.5 }))
  await client.settle(
    { cid: 'r-1', n: 2, do: 'call', name: 'echo', args: { any: ['thing', 1, null] } },
    { cid: 'r-1', n: 3, do: 'call', name: 'deny', args: null },
    { cid: 'r-1', n: 4, do: 'skip' },
    {
      cid: 'r-1',
      n: 5,
      do: 'mutate',
      again: true,
      ops: [
        { collection: 'todos', type: 'update', key: 'a', cols: { rank: { num: 'Infinity' }, title: '😀' } },
        { collection: 'notes', type: 'insert', key: 'n', cols: { slug: 's', title: 't' } },
        { collection: 'todos', type: 'delete', key: 'a' },
      ],
    },
  )
}

/** Parts of a table, and what is said of a window. */
async function everyPart(client: RawClient): Promise<void> {
  await client.join({ sub: 5, collection: 'todos', where: WHERE })
  await client.join({ sub: 6, collection: 'todos', window: WINDOW })
  client.send({ type: 'page', request: 2, sub: 6, after: ['a', 'key'], limit: 10 })
  await client.next('page')
  client.send({ type: 'narrow', sub: 6, boundary: ['b', 'key'] })
}

/** What this server does not serve is asked for by clients all the same. */
async function everyRefusal(client: RawClient): Promise<void> {
  client.send({ type: 'page', request: 1, sub: 1, after: ['x', { int: '5' }, 'key'], limit: 10 })
  client.send({ type: 'ephemeral', topic: 'cursor', data: { x: 1 } })
  for (let i = 0; i < 2; i++) await client.next('refused')
}
