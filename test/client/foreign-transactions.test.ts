import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { equalsServer, until } from './convergence.ts'
import { keepings } from './keepings.ts'
import { openClient } from './live-client.ts'
import { versions } from './tanstack-versions.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const titled = (title: string) => (row: { title: string }) => {
  row.title = title
}

const ways = versions.flatMap(([version, db]) =>
  keepings.map(([kept, keeping]) => ({ version, kept, db, keeping })),
)

describe.each(ways)('under @tanstack/db $version, kept: $kept', ({ version, kept, db, keeping }) => {
  test('a transaction of the application that is rolled back over a row takes nothing with it that is on its way to the server [R18]', async () => {
    const room = `foreign-${version}-${kept}`
    await world.sql(room, `INSERT INTO notes VALUES ('a', 'a', 'a'), ('b', 'b', 'b')`)
    const proxy = await world.frameProxy()
    const { client, notes } = openClient(world, room, { db, port: proxy.port, ...keeping() })
    await notes.preload()
    proxy.rule = ({ from, frame }) => (from === 'server' && frame ? 'hold' : 'pass')
    const ours = [notes.update('a', titled('ours')), notes.update('b', titled('ours'))]
    for (const tx of ours) tx.isPersisted.promise.catch(() => {})
    await until(async () =>
      expect((await world.rows(room, 'notes')).map(({ title }) => title)).toEqual(['ours', 'ours']),
    )
    const theirs = db.createTransaction({ autoCommit: false, mutationFn: async () => {} })
    theirs.isPersisted.promise.catch(() => {})
    theirs.mutate(() => notes.update('a', titled('theirs')))
    expect(notes.get('a')?.title).toBe('theirs')
    theirs.rollback()
    const link = proxy.links[0]
    proxy.rule = () => 'pass'
    link?.release()
    await until(() => expect(client.pendingWrites.get().count).toBe(0))
    await until(() => expect(notes.toArray.map(({ title }) => title)).toEqual(['ours', 'ours']))
    await equalsServer(world, room, { notes })
    expect(client.failedWrites.get().count).toBe(0)
    // And what comes next is as always.
    await notes.update('a', titled('later')).isPersisted.promise
    expect(notes.get('a')?.title).toBe('later')
    await equalsServer(world, room, { notes })
  })
})
