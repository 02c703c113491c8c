import { type Position, type Predicate, rowMatcher } from '@durable-sync/core/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RawClient } from '../support/raw-client.ts'
import type { StoredRow } from '../support/row-set.ts'
import { createWorld, type World } from '../support/world.ts'
import { ascending, descending, first, roomOf, Viewer } from './viewer.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const write = (room: string, ...statements: string[]) => world.control(room, 'write', { statements })
const all = { collection: 'documents' }
const alice = { claims: { userId: 'alice', role: 'red' } }
const hers = ({ owner, team }: StoredRow) => owner === 'alice' || team === 'red'

/** What the fixture's rule lets each user see, and two of everybody's own. */
const documents = (prefix = '') =>
  `INSERT INTO documents (id, owner, team, title, size) VALUES
     ('${prefix}mine', 'alice', NULL, 'x', 1), ('${prefix}ours', 'bob', 'red', 'x', 2),
     ('${prefix}hidden', 'bob', 'blue', 'x', 3), ('${prefix}secret', NULL, NULL, 'x', 4)`

/** Everything that a socket has been told, as text. */
const told = (client: RawClient): string => JSON.stringify(client.received)
const expectSilence = (client: RawClient) => {
  expect(told(client)).not.toContain('hidden')
  expect(told(client)).not.toContain('secret')
}
const errors = async (room: string) =>
  (await world.control(room, 'events', {})).filter(({ type }) => type === 'error')

test('a row that a user may not read is in no snapshot, change, page, resume or catch-up, and nor is its key [I5, R8, R13]', async () => {
  const room = 'every-way'
  await write(room, documents('old-'))
  const views = [all, { ...all, window: first(1, descending('size')) }]
  const viewer = await Viewer.open(world, room, views, alice)
  expect(viewer.keys(1)).toEqual(['old-mine', 'old-ours'])
  expect(viewer.keys(2)).toEqual(['old-ours'])
  await write(room, documents('new-'))
  await viewer.pass()
  await viewer.expectEqual(hers)
  await viewer.page(2, 10)
  await viewer.expectEqual(hers)
  await write(room, `UPDATE documents SET title = 'y'`, `DELETE FROM documents WHERE id = 'new-secret'`)
  await viewer.pass()
  await viewer.expectEqual(hers)
  expectSilence(viewer.client)
  await viewer.client.close()
  await write(room, documents('later-'), `UPDATE documents SET title = 'z' WHERE id = 'old-hidden'`)
  await viewer.resume()
  expect(viewer.welcome.subs.map(({ is }) => is)).toEqual(['resume', 'resume'])
  await viewer.expectEqual(hers)
  expectSilence(viewer.client)
  viewer.client.send({ type: 'leave', sub: 1 })
  await write(room, `UPDATE documents SET size = size + 1`)
  const { end } = await viewer.join(1, viewer.at as Position)
  expect(end.replace).toBe(false)
  await viewer.expectEqual(hers)
  expectSilence(viewer.client)
})

test('users who come back from one position are each told what they may read, and nothing of the others [I5, R8]', async () => {
  const room = 'together'
  await write(room, documents('old-'))
  const bob = { claims: { userId: 'bob', role: 'blue' }, name: 'bob' }
  const his = ({ owner, team }: StoredRow) => owner === 'bob' || team === 'blue'
  const viewers = [
    await Viewer.open(world, room, [all], alice),
    await Viewer.open(world, room, [all], bob),
    await Viewer.open(world, room, [all], { ...alice, name: 'her other tab' }),
  ]
  for (const { client } of viewers) await client.close()
  await write(room, documents('new-'), `UPDATE documents SET title = 'z'`)
  for (const [i, viewer] of viewers.entries()) {
    await viewer.resume()
    await viewer.expectEqual(i === 1 ? his : hers)
  }
  for (const i of [0, 2]) expectSilence(viewers[i]?.client as RawClient)
})

test('a row that is moved out of sight leaves, one that is moved into it comes, and removals name no key [I5, R13]', async () => {
  await write('moves', documents())
  const viewer = await Viewer.open(world, 'moves', [all], alice)
  await write(
    'moves',
    `UPDATE documents SET team = 'blue' WHERE id = 'ours'`,
    `UPDATE documents SET owner = 'alice' WHERE id = 'hidden'`,
    `DELETE FROM documents WHERE id = 'mine'`,
    `UPDATE documents SET title = 'y' WHERE id = 'secret'`,
  )
  const { frames } = await viewer.pass()
  const { up, del, gone } = frames[0]?.tables.documents ?? {}
  expect(up?.map(([key]) => key)).toEqual(['hidden'])
  expect(del).toEqual([])
  expect(gone).toHaveLength(3)
  expect(viewer.keys()).toEqual(['hidden'])
  await viewer.expectEqual(hers)
})

test('a digest is the same for the whole era, and another one in another room [R13]', async () => {
  const goneIn = async (room: string) => {
    await write(room, documents())
    const viewer = await Viewer.open(world, room, [all], alice)
    const digests = []
    for (const title of ['a', 'b']) {
      await write(room, `UPDATE documents SET title = '${title}' WHERE id = 'secret'`)
      digests.push((await viewer.pass()).frames[0]?.tables.documents?.gone?.[0])
    }
    expect(digests[0]).toBe(digests[1])
    return digests[0]
  }
  expect(await goneIn('one-room')).not.toBe(await goneIn('another-room'))
})

const WIDER: readonly (readonly [string, Predicate])[] = [
  ['everything', { op: 'always' }],
  ['another owner', { op: 'eq', column: 'owner', value: 'bob' }],
  ['the negation of what is theirs', { op: 'not', of: { op: 'eq', column: 'owner', value: 'alice' } }],
  [
    'an alternative to it',
    {
      op: 'or',
      of: [
        { op: 'isNull', column: 'team' },
        { op: 'eq', column: 'team', value: 'blue' },
      ],
    },
  ],
]

test.each(WIDER)(
  'a filter of the client that asks for %s only narrows what its user may read [I6, R8]',
  async (what, where) => {
    const room = roomOf(`wider ${what}`)
    await write(room, documents('old-'))
    const viewer = await Viewer.open(
      world,
      room,
      [
        { ...all, where },
        { ...all, where, window: first(10, ascending('size')) },
      ],
      alice,
    )
    await write(room, documents('new-'), `UPDATE documents SET title = 'y' WHERE id LIKE 'old-%'`)
    await viewer.pass()
    await viewer.expectEqual(hers)
    const columns = ['id', 'owner', 'team', 'title', 'size']
    const matches = rowMatcher(where, columns, {})
    const rows = (await world.rows(room, 'documents')).filter(hers)
    const expected = rows.filter((row) => matches(columns.map((name) => row[name] ?? null))).length
    expect(viewer.keys(1)).toHaveLength(expected)
    expectSilence(viewer.client)
  },
)

test('whoever may read everything sees every row, and removals reach them too [I5, R13]', async () => {
  await write('admin', documents())
  const viewer = await Viewer.open(world, 'admin', [all], { claims: { userId: 'root', role: 'admin' } })
  expect(viewer.keys()).toHaveLength(4)
  await write('admin', `DELETE FROM documents WHERE id = 'secret'`, `UPDATE documents SET size = 9`)
  await viewer.pass()
  await viewer.expectEqual()
})

const DENIED: readonly (readonly [role: string, reported: RegExp | null])[] = [
  ['nobody', null],
  ['throws', /the rule has a bug/],
  ['async', /returned a promise/],
  ['silent', /returned a value of type undefined/],
  ['lost', /"team" is undefined/],
  ['misspelt', /no column "taem"/],
]

test.each(DENIED)(
  'a rule like "%s" lets nobody read, says why to its author, and leaves others live [E4, I5, R8]',
  async (role, reported) => {
    const room = roomOf(`denied ${role}`)
    await write(room, documents())
    const viewer = await Viewer.open(world, room, [{ collection: 'samples' }], {
      claims: { userId: 'eve', role },
    })
    viewer.client.send({ type: 'join', sub: 2, join: 9, ...all })
    expect(await viewer.client.next('refused')).toMatchObject({ re: 'join', join: 9, code: 'read-denied' })
    await viewer.resume({ subs: [...viewer.hello.subs, { id: 2, joined: true, ...all }] })
    expect(viewer.welcome.subs).toMatchObject([
      { id: 1, is: 'resume' },
      { id: 2, is: 'refused', code: 'read-denied' },
    ])
    await write(room, `INSERT INTO samples (id) VALUES ('a')`, documents('new-'))
    await viewer.pass()
    await viewer.expectEqual()
    expect(told(viewer.client)).not.toMatch(/mine|ours|hidden|secret|taem|bug/)
    const [error] = await errors(room)
    if (reported === null) expect(error).toBeUndefined()
    else
      expect(error).toMatchObject({
        where: 'readFilter of "documents"',
        error: expect.stringMatching(reported),
      })
  },
)

test('a user whose claims change to see other rows starts over at once, and has exactly those [I5, R8]', async () => {
  await write('claims', documents())
  const viewer = await Viewer.open(world, 'claims', [all, { collection: 'samples' }], alice)
  await write('claims', `UPDATE documents SET title = 'y'`)
  await viewer.pass()
  expect(
    await world.control('claims', 'setClaims', {
      userId: 'alice',
      claims: { userId: 'alice', role: 'blue' },
    }),
  ).toBe(1)
  expect(await viewer.client.next('restart')).toEqual({ type: 'restart', sub: 1, reason: 'shape' })
  // Nothing of it is sent before it has joined again.
  await write('claims', `UPDATE documents SET title = 'z'`, `INSERT INTO samples (id) VALUES ('a')`)
  expect(Object.keys((await viewer.pass()).frames[0]?.tables ?? {})).toEqual(['samples'])
  const { end } = await viewer.join(1)
  expect(end.replace).toBe(true)
  expect(viewer.keys(1)).toEqual(['hidden', 'mine'])
  await viewer.expectEqual(({ owner, team }) => owner === 'alice' || team === 'blue' || owner === undefined)
})

test('a user whose claims no longer let them read is refused, and their other rows are live [I5, R8]', async () => {
  await write('revoked', documents())
  const viewer = await Viewer.open(world, 'revoked', [all, { collection: 'samples' }], alice)
  await world.control('revoked', 'setClaims', {
    userId: 'alice',
    claims: { userId: 'alice', role: 'nobody' },
  })
  expect(await viewer.client.next('refused')).toMatchObject({
    re: 'subscription',
    sub: 1,
    code: 'read-denied',
  })
  await write('revoked', `UPDATE documents SET title = 'y'`, `INSERT INTO samples (id) VALUES ('a')`)
  expect(Object.keys((await viewer.pass()).frames[0]?.tables ?? {})).toEqual(['samples'])
})

test('claims that come in band change what is read as well, and those that change nothing restart nothing [I5, R8]', async () => {
  await write('in-band', documents())
  const viewer = await Viewer.open(world, 'in-band', [all], alice)
  viewer.client.send({
    type: 'auth',
    token: JSON.stringify({ userId: 'alice', role: 'red', exp: 9_999_999_999 }),
  })
  expect(await viewer.client.take()).toEqual({ type: 'authed' })
  await write('in-band', `UPDATE documents SET title = 'y'`)
  await viewer.pass()
  await viewer.expectEqual(hers)
  viewer.client.send({ type: 'auth', token: JSON.stringify({ userId: 'alice', role: 'blue' }) })
  expect(await viewer.client.take()).toEqual({ type: 'restart', sub: 1, reason: 'shape' })
  expect(await viewer.client.take()).toEqual({ type: 'authed' })
})

test('a rule holds after a wake, also when claims have changed before it [H1, I5, R2]', async () => {
  await write('asleep', documents())
  const viewer = await Viewer.open(world, 'asleep', [all], alice)
  await world.evict('asleep')
  await write('asleep', documents('new-'))
  await viewer.pass()
  await viewer.expectEqual(hers)
  await world.control('asleep', 'setClaims', { userId: 'alice', claims: { userId: 'alice', role: 'blue' } })
  await viewer.client.next('restart')
  await viewer.join(1)
  await world.evict('asleep')
  await write('asleep', `UPDATE documents SET title = 'y'`)
  await viewer.pass()
  await viewer.expectEqual(({ owner, team }) => owner === 'alice' || team === 'blue')
})

test('a reconnect under other claims does not resume rows that they do not show [I5, R8]', async () => {
  await write('other-claims', documents())
  const viewer = await Viewer.open(world, 'other-claims', [all], alice)
  const { hello } = viewer
  await viewer.client.close()
  const client = await world.connect('other-claims', { userId: 'alice', role: 'blue' })
  const { welcome } = await client.enter(hello)
  expect(welcome.subs).toEqual([{ id: 1, is: 'restart', reason: 'shape' }])
})

test('a join that is read in pieces starts over when what its user may read changes meanwhile, and goes on over a sleep [I5, R4, R8]', async () => {
  await world.sql(
    'pieces',
    `WITH RECURSIVE c (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < 1200)
     INSERT INTO documents (id, team, title) SELECT printf('d%05d', i), 'red', replace(hex(zeroblob(2500)), '0', 'x') FROM c`,
  )
  const viewer = await Viewer.open(world, 'pieces', [], alice)
  const { client } = viewer
  const begin = async (join: number) => {
    client.send({ type: 'join', sub: 1, join, ...all })
    const { frame } = await client.until('next')
    const { p0, read, shape, after } = frame
    return () => client.send({ type: 'join', sub: 1, join, ...all, p0, read, shape, after })
  }
  const goOn = await begin(1)
  goOn()
  expect((await client.until('joined')).frame.join).toBe(1)
  const afterClaims = await begin(2)
  await world.control('pieces', 'setClaims', { userId: 'alice', claims: { userId: 'alice', role: 'blue' } })
  afterClaims()
  expect(await client.take()).toEqual({ type: 'restart', sub: 1, reason: 'shape' })
  await world.control('pieces', 'setClaims', { userId: 'alice', claims: { userId: 'alice', role: 'red' } })
  const afterSleep = await begin(3)
  await world.evict('pieces')
  afterSleep()
  expect((await client.until('joined')).frame.join).toBe(3)
})

test('an answer of a join that goes on elsewhere names no key that its user may not see [I5, R4, R13]', async () => {
  await world.sql(
    'between',
    `WITH RECURSIVE c (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < 8000)
     INSERT INTO documents (id, team, title)
     SELECT printf('d%05d-', i) || iif(i % 4, 'hidden', 'seen'), iif(i % 4, 'blue', 'red'), replace(hex(zeroblob(2000)), '0', 'x') FROM c`,
  )
  const viewer = await Viewer.open(world, 'between', [], alice)
  const { chunks, requests } = await viewer.client.join({ sub: 1, ...all })
  expect(requests).toBeGreaterThan(1)
  expect(chunks.flatMap(({ up }) => up)).toHaveLength(2000)
  expectSilence(viewer.client)
})
