import { memoryDevice } from '@durable-sync/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { equalsServer, until } from './convergence.ts'
import { ending } from './ending.ts'
import { type LiveClient, type LiveOptions, openClient } from './live-client.ts'
import { watchSteadily } from './steady-watch.ts'
import { versions } from './tanstack-versions.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const note = (id: string, title = id) => ({ id, slug: id, title })
const titled = (title: string) => (row: { title: string }) => {
  row.title = title
}
const shown = ({ notes }: Pick<LiveClient, 'notes'>) =>
  notes.toArray.map(({ id, title }) => `${id}=${title}`).sort()

const ways = versions.flatMap(([version, db]) =>
  (['device', 'server'] as const).map((settleOn) => ({ version, db, settleOn })),
)

describe.each(ways)('under @tanstack/db $version, settled on the $settleOn', ({ version, db, settleOn }) => {
  /** A device with two rows of a room on it, and pages on that device. */
  async function device(name: string) {
    const room = `${name}-${version}-${settleOn}`
    const storage = memoryDevice('alice')
    const page = (options: LiveOptions = {}) => openClient(world, room, { db, storage, settleOn, ...options })
    await world.sql(room, `INSERT INTO notes VALUES ('a', 'a', 'a'), ('b', 'b', 'b')`)
    const first = page()
    await first.notes.preload()
    await until(() => expect(first.notes.size).toBe(2))
    await first.client.close()
    return { room, page }
  }

  test('what was written offline is there after each reload, and is sent once, in order, the refused with its reason [J7, C6, C7]', async () => {
    const { room, page } = await device('reloads')
    const offline = page({ gate: 'shut' })
    await Promise.all([offline.notes.preload(), offline.client.whenStored(offline.notes.insert(note('c')))])
    await offline.client.whenStored(offline.notes.update('c', titled('c2')))
    await offline.client.close()
    const again = page({ gate: 'shut' })
    await again.notes.preload()
    await again.client.whenStored(again.notes.delete('a'))
    const refused = again.messages.insert({ id: 'm', author: 'somebody else', content: 'x', created_at: 0 })
    await again.client.whenStored(refused)
    await again.client.whenStored(again.notes.update('c', titled('c3')))
    expect(shown(again)).toEqual(['b=b', 'c=c3'])
    await again.client.close()
    const proxy = await world.frameProxy()
    const last = page({ port: proxy.port })
    const seen = watchSteadily(() => shown(last).join())
    await last.notes.preload()
    await until(() => expect(last.client.pendingWrites.get().count).toBe(0))
    expect(last.client.failedWrites.get().items).toMatchObject([{ code: 'denied', ops: [{ key: 'm' }] }])
    await equalsServer(world, room, { notes: last.notes })
    expect(seen()).toEqual(['', 'b=b,c=c3'])
    const sent = proxy.links.flatMap((link) => link.clientFrames('push').flatMap(({ items }) => items))
    expect(
      sent.map((item) => item.do === 'mutate' && item.ops.map(({ type, key }) => `${type} ${key}`)),
    ).toEqual([['insert c'], ['update c'], ['delete a'], ['insert m'], ['update c']])
  })

  test('rows of a history that is gone stay on the screen until those of the new one are there, and go with no trace [J9, R1]', async () => {
    const { room, page } = await device('epoch')
    await world.control(room, 'deleteAll', {})
    await ending(world.control(room, 'abort', {}))
    await world.sql(room, `INSERT INTO notes VALUES ('b', 'b', 'new'), ('z', 'z', 'z')`)
    // As far as the old one went, and further.
    for (let i = 0; i < 5; i++) await world.sql(room, `UPDATE notes SET title = 'z${i}' WHERE id = 'z'`)
    const later = page()
    const seen = watchSteadily(() => shown(later).join())
    await later.notes.preload()
    await until(() => expect(shown(later)).toEqual(['b=new', 'z=z4']))
    expect(seen()).toEqual(['', 'a=a,b=b', 'b=new,z=z4'])
    await later.client.close()
    const offline = page({ gate: 'shut' })
    await offline.notes.preload()
    expect(shown(offline)).toEqual(['b=new', 'z=z4'])
  })

  test('rows of another shape of the table are loaded anew, under what was written meanwhile [J9, R8]', async () => {
    const { room, page } = await device('schema')
    await world.storageSql(room, `ALTER TABLE notes ADD COLUMN pinned TEXT DEFAULT 'no'`)
    await world.control(room, 'register', {})
    const offline = page({ gate: 'shut' })
    await offline.notes.preload()
    await offline.client.whenStored(offline.notes.update('a', titled('mine')))
    await offline.client.close()
    const proxy = await world.frameProxy()
    const later = page({ port: proxy.port })
    const seen = watchSteadily(() => shown(later).join())
    await later.notes.preload()
    await until(() => expect(later.notes.get('b')).toMatchObject({ pinned: 'no' }))
    await until(() => expect(later.client.pendingWrites.get().count).toBe(0))
    await equalsServer(world, room, { notes: later.notes })
    expect(seen()).toEqual(['', 'a=mine,b=b'])
    const link = await proxy.link(0)
    expect(link.clientFrames('hello')[0]?.subs).toMatchObject([{ joined: true, shape: expect.any(String) }])
    const [join] = link.clientFrames('join')
    expect(join).toMatchObject({ collection: 'notes' })
    expect(join).not.toHaveProperty('since')
  })

  test('another user of the device finds none of its rows and writes, and sends none [J9, R17]', async () => {
    const { room, page } = await device('user')
    const alice = page({ gate: 'shut' })
    await alice.notes.preload()
    await alice.client.whenStored(alice.notes.insert(note('mine')))
    await alice.client.close()
    const bob = page({ storage: memoryDevice('bob'), claims: { userId: 'bob' }, gate: 'shut' })
    const seen = watchSteadily(() => shown(bob).join())
    bob.notes.preload().catch(() => {})
    await until(() => expect(bob.gate.waiting).toBe(1))
    expect([seen(), bob.client.pendingWrites.get().count]).toEqual([[''], 0])
    bob.gate.admit()
    await equalsServer(world, room, { notes: bob.notes })
    expect(await world.rows(room, 'notes')).toHaveLength(2)
    const back = page()
    await back.notes.preload()
    await until(() => expect(back.client.pendingWrites.get().count).toBe(0))
    expect(shown(back)).toEqual(['a=a', 'b=b', 'mine=mine'])
  })
})
