import type { Position } from '@durable-sync/core/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { CID, declared, job, sample } from './items.ts'
import { Watcher } from './watcher.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const insertSamples = (room: string, ...ids: string[]) =>
  world.sql(room, `INSERT INTO samples (id) VALUES ${ids.map((id) => `('${id}')`).join(', ')}`)

const eras = (room: string) =>
  world.storageSql(room, 'SELECT first_seq AS "from", nonce FROM _sync_era ORDER BY first_seq')

const nonceOf = (position: Position | null) => position?.split('.')[1]

/** A reset takes the position and says why; the rows come again and are those of the server. */
async function expectReset(watcher: Watcher, reason: 'pruned' | 'lineage') {
  const pass = await watcher.resume()
  expect(watcher.welcome.reset).toBe(reason)
  expect(pass).toMatchObject({ from: null, live: true, frames: [{ tables: {} }] })
  expect(watcher.welcome.subs).toEqual([{ id: 1, is: 'restart', reason: 'requested' }])
  expect((await watcher.join(1)).end.replace).toBe(true)
  await watcher.expectEqual()
}

async function expectResumed(watcher: Watcher) {
  await watcher.resume()
  expect(watcher.welcome.reset).toBeUndefined()
  expect(watcher.welcome.subs).toEqual([{ id: 1, is: 'resume' }])
  await watcher.expectEqual()
}

test('evictions, restarts and aborts leave every position good [R1]', async () => {
  const watcher = await Watcher.open(world, 'goes-on', ['samples'])
  const first = watcher.at
  await insertSamples('goes-on', 'a')
  await watcher.pass()
  await world.evict('goes-on')
  await insertSamples('goes-on', 'b')
  await watcher.pass()
  await world.abort('goes-on')
  await insertSamples('goes-on', 'c')
  await expectResumed(watcher)
  await world.restart()
  await insertSamples('goes-on', 'd')
  await expectResumed(watcher)
  watcher.at = first
  await expectResumed(watcher)
})

test('a storage restored to an older point is noticed, at once and after it has grown past the client [B9, R1]', async () => {
  const watcher = await Watcher.open(world, 'restored', ['samples'])
  await insertSamples('restored', 'kept')
  await watcher.pass()
  const old = watcher.at
  const copy = await world.storageCopy('restored')
  for (const id of ['lost-1', 'lost-2', 'lost-3']) {
    await insertSamples('restored', id)
    await watcher.pass()
  }
  const lost = watcher.at
  await world.restore('restored', copy)
  await watcher.client.ended()
  await expectReset(watcher, 'lineage')
  // Now the same numbers stand for other rows.
  for (let i = 0; i < 10; i++) await insertSamples('restored', `new-${i}`)
  watcher.at = lost
  await expectReset(watcher, 'lineage')
  // A position from before the point of the restore is of this history.
  watcher.at = old
  await expectResumed(watcher)
})

test('a storage restored by an instance that wrote nothing since is noticed as well [B9, R1]', async () => {
  const copy = await (async () => {
    await insertSamples('quiet', 'kept')
    return world.storageCopy('quiet')
  })()
  const watcher = await Watcher.open(world, 'quiet', ['samples'])
  await insertSamples('quiet', 'lost')
  await watcher.pass()
  await world.restore('quiet', copy)
  await insertSamples('quiet', 'another')
  await expectReset(watcher, 'lineage')
})

test('a wiped storage is noticed, though it holds the same tables and numbers [B9, R1]', async () => {
  const watcher = await Watcher.open(world, 'wiped', ['samples'])
  const start = watcher.at
  await insertSamples('wiped', 'a', 'b')
  await watcher.pass()
  await world.restore('wiped', null)
  await insertSamples('wiped', 'c', 'd', 'e')
  await expectReset(watcher, 'lineage')
  watcher.at = start
  await expectReset(watcher, 'lineage')
})

test('a copy of a storage under another object is another history [R1]', async () => {
  const watcher = await Watcher.open(world, 'original', ['samples'])
  await insertSamples('original', 'a')
  await watcher.pass()
  await world.restore('twin', await world.storageCopy('original'))
  expect(await eras('twin')).toEqual(await eras('original'))
  const twin = await world.connect('twin')
  const { welcome } = await twin.enter(watcher.hello)
  expect(welcome.reset).toBe('lineage')
  await expectResumed(watcher)
})

test('a socket that lived through a wipe is closed when it would be moved [R1, R2]', async () => {
  const watcher = await Watcher.open(world, 'survivor', ['samples'])
  await insertSamples('survivor', 'a')
  await watcher.pass()
  await world.control('survivor', 'deleteAll', {})
  await world.evict('survivor')
  await world.stats('survivor')
  expect(await watcher.client.next('goodbye')).toMatchObject({ code: 1012 })
  expect((await watcher.client.ended()).code).toBe(1012)
  await expectReset(watcher, 'lineage')
})

test('an instance that only reads begins no era, and the first that writes begins one [R1, R25]', async () => {
  const watcher = await Watcher.open(world, 'eras', ['samples'])
  expect(await eras('eras')).toHaveLength(1)
  await world.evict('eras')
  await watcher.resume()
  expect(await eras('eras')).toHaveLength(1)
  for (const id of ['a', 'b', 'c']) {
    await insertSamples('eras', id)
    await watcher.pass()
  }
  const two = await eras('eras')
  expect(two).toHaveLength(2)
  expect(nonceOf(watcher.at)).toBe(two[1]?.nonce)
  expect(two[1]?.from).toBe(2)
})

test('the era is in the transaction of the first write, whoever makes it [R1]', async () => {
  const ways = [
    () => insertSamples('era', 'sql'),
    () => world.control('era', 'write', { statements: [`INSERT INTO samples (id) VALUES ('write')`] }),
    async () => {
      const client = await world.connect('era')
      await client.enter(declared)
      await client.settle(sample(1, 'push'))
    },
  ]
  const watcher = await Watcher.open(world, 'era', ['samples'])
  for (const [i, write] of ways.entries()) {
    await world.evict('era')
    await write()
    await watcher.pass()
    const { at } = watcher
    await world.kill()
    await world.start()
    const stored = await eras('era')
    expect(stored).toHaveLength(i + 2)
    expect(stored.at(-1)?.nonce, 'the era of the position that was given out').toBe(nonceOf(at))
    await expectResumed(watcher)
  }
})

test('the first write of an instance finds its era recorded in the same transaction [R1]', async () => {
  await insertSamples('same', 'a')
  await world.evict('same')
  const countEras = `INSERT INTO traces SELECT 'eras', count(*) FROM _sync_era`
  await world.control('same', 'write', {
    statements: [`INSERT INTO samples (id) VALUES ('b')`, countEras],
  })
  expect(await world.rows('same', 'traces')).toEqual([{ id: 'eras', job: '2' }])
})

test('a transaction that rolls back takes its era with it, and the next write brings it again [R1]', async () => {
  const watcher = await Watcher.open(world, 'rollback', ['samples', 'traces'])
  await world.evict('rollback')
  const statements = [`INSERT INTO samples (id) VALUES ('undone')`]
  await expect(
    world.control('rollback', 'write', { statements, thenThrow: 'changed my mind' }),
  ).rejects.toThrow('changed my mind')
  expect(await eras('rollback')).toHaveLength(1)
  await watcher.client.expectNothing(30)
  await insertSamples('rollback', 'done')
  await watcher.pass()
  const stored = await eras('rollback')
  expect(stored.map(({ from }) => from)).toEqual([1, 2])
  expect(stored[1]?.nonce).toBe(nonceOf(watcher.at))
  await world.kill()
  await world.start()
  await watcher.resume()
  expect(watcher.welcome.reset).toBeUndefined()
  await watcher.expectEqual()
})

test('a rejected write leaves its position good [R1, R9]', async () => {
  const watcher = await Watcher.open(world, 'rejected', ['jobs'], declared)
  await world.evict('rejected')
  const outcomes = await watcher.settle(job(1, 'a', 'execute-throw-late'))
  expect(outcomes).toMatchObject([{ outcome: { is: 'rejected' } }])
  await watcher.settle(job(2, 'b'))
  await world.kill()
  await world.start()
  await expectResumed(watcher)
})

test('after a restore a client id is known as far as the older point knew it [R7, R20]', async () => {
  const watcher = await Watcher.open(world, 'numbers', ['samples'], declared)
  await watcher.settle(sample(1, 'a'), sample(2, 'b'))
  const copy = await world.storageCopy('numbers')
  await watcher.settle(sample(3, 'c'))
  await world.restore('numbers', copy)
  await expectReset(watcher, 'lineage')
  expect(watcher.welcome.cids).toEqual([{ cid: CID, is: 'known', last: 2 }])
  await watcher.settle(sample(3, 'c'))
  await watcher.expectEqual()
})
