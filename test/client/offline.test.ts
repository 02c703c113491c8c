import { memoryDevice } from '@durable-sync/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { equalsServer, until } from './convergence.ts'
import { ending } from './ending.ts'
import { type LiveClient, openClient } from './live-client.ts'
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

describe.each(versions)('under @tanstack/db %s', (version, db) => {
  /** A device that outlives the pages which are opened on it, in a room of its own. */
  function device(name: string) {
    const room = `${name}-${version}`
    const storage = memoryDevice('alice')
    const page = (options: Parameters<typeof openClient>[2] = {}) =>
      openClient(world, room, { db, storage, ...options })
    return { room, storage, page }
  }

  test("yesterday's rows are there at once and ready, without a server [J7]", async () => {
    const { room, page } = device('yesterday')
    const before = page()
    await before.notes.preload()
    await before.notes.insert(note('a')).isPersisted.promise
    await world.sql(room, `INSERT INTO notes VALUES ('b', 'b', 'b')`)
    await until(() => expect(before.notes.size).toBe(2))
    await before.client.whenConfirmed({ isPersisted: { promise: Promise.resolve() } })
    await until(() => expect(before.client.pendingWrites.get().count).toBe(0))
    await before.client.close()

    const after = page({ gate: 'shut' })
    const seen = watchSteadily(() => shown(after).join())
    await after.notes.preload()
    expect(seen()).toEqual(['', 'a=a,b=b'])
    // Nothing has come over the line.
    expect(after.notes.utils.stats()).toMatchObject({ rows: 2, received: 0 })
    expect(after.client.status.get().state).not.toBe('connected')
    after.gate.admit()
    await world.sql(room, `DELETE FROM notes WHERE id = 'a'`)
    await equalsServer(world, room, { notes: after.notes })
  })

  test('edits made offline are there after a reload, together with the rows, and arrive once, in order [J7, R7, R18]', async () => {
    const { room, page } = device('train')
    await world.sql(room, `INSERT INTO notes VALUES ('old', 'old', 'old'), ('gone', 'gone', 'gone')`)
    const home = page()
    await home.notes.preload()
    await until(() => expect(home.notes.size).toBe(2))
    await home.client.close()

    const train = page({ gate: 'shut' })
    await train.notes.preload()
    await train.notes.insert(note('new')).isPersisted.promise
    await train.notes.update('new', titled('new 2')).isPersisted.promise
    await train.notes.update('old', titled('edited')).isPersisted.promise
    await train.notes.delete('gone').isPersisted.promise
    expect(shown(train)).toEqual(['new=new 2', 'old=edited'])
    expect(train.client.pendingWrites.get().count).toBe(4)
    await train.client.close()

    const arrival = page({ gate: 'shut' })
    const seen = watchSteadily(() => shown(arrival).join())
    await arrival.notes.preload()
    expect(arrival.client.pendingWrites.get().count).toBe(4)
    arrival.gate.admit()
    await until(() => expect(arrival.client.pendingWrites.get().count).toBe(0))
    await equalsServer(world, room, { notes: arrival.notes })
    expect(seen()).toEqual(['', 'new=new 2,old=edited'])
    const log = await world.storageSql(room, 'SELECT count(*) AS n FROM _sync_log')
    expect(log).toEqual([{ n: expect.any(Number) }])
    await arrival.client.close()
    const later = page({ gate: 'shut' })
    await later.notes.preload()
    expect(shown(later)).toEqual(['new=new 2', 'old=edited'])
    expect(later.client.pendingWrites.get().count).toBe(0)
  })

  test('under a pending edit the changes of others show, field by field [R18]', async () => {
    const { room, page } = device('fields')
    await world.sql(room, `INSERT INTO notes VALUES ('a', 'slug', 'title'), ('b', 'b', 'b')`)
    const proxy = await world.frameProxy()
    const here = page({ port: proxy.port })
    await here.notes.preload()
    await until(() => expect(here.notes.size).toBe(2))
    proxy.rule = ({ from, frame }) => (from === 'client' && frame?.type === 'push' ? 'hold' : 'pass')
    await here.notes.update('a', titled('mine')).isPersisted.promise
    await world.sql(room, `UPDATE notes SET slug = 'theirs', title = 'theirs' WHERE id = 'a'`)
    await world.sql(room, `UPDATE notes SET title = 'b2' WHERE id = 'b'`)
    await until(() => expect(here.notes.get('b')?.title).toBe('b2'))
    expect(here.notes.get('a')).toMatchObject({ slug: 'theirs', title: 'mine' })
  })

  test('a write that the server refuses falls back, and waits among the failed ones with its reason, also after a reload [C2, R7]', async () => {
    const { room, page } = device('refused')
    const home = page({ gate: 'shut' })
    home.messages.preload().catch(() => {})
    const tx = home.messages.insert({ id: 'm', author: 'somebody else', content: 'x', created_at: 0 })
    await tx.isPersisted.promise
    expect(home.messages.size).toBe(1)
    home.gate.admit()
    const error = await ending(home.client.whenConfirmed(tx))
    expect(error).toMatchObject({ code: 'denied' })
    expect(home.messages.size).toBe(0)
    expect(home.client.failedWrites.get()).toMatchObject({
      count: 1,
      items: [
        { code: 'denied', ops: [{ collection: 'messages', type: 'insert', key: 'm', previous: null }] },
      ],
    })
    await home.client.close()

    const again = page()
    await again.messages.preload()
    expect(again.messages.size).toBe(0)
    const [failed] = again.client.failedWrites.get().items
    expect(failed).toMatchObject({ code: 'denied', message: expect.stringContaining('author mismatch') })
    const retried = await ending(again.client.retryFailed(failed?.id ?? ''))
    expect(retried).toMatchObject({ code: 'denied' })
    const [second] = again.client.failedWrites.get().items
    await again.client.discardFailed(second?.id ?? '')
    expect(again.client.failedWrites.get().count).toBe(0)
    await again.client.close()
    const last = page({ gate: 'shut' })
    await last.messages.preload().catch(() => {})
    expect(last.client.failedWrites.get().count).toBe(0)
    expect(room).toContain('refused')
  })

  test('with settleOn "server" a transaction waits for the server, and what a page did not live to see arrives from the next [R7, R18]', async () => {
    const { room, page } = device('server')
    const first = page({ gate: 'shut', settleOn: 'server' })
    const tx = first.notes.insert(note('a'))
    let persisted = false
    tx.isPersisted.promise.then(
      () => {
        persisted = true
      },
      () => {},
    )
    await first.client.whenStored(tx)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(persisted).toBe(false)
    await first.client.close()
    const second = page({ settleOn: 'server' })
    await second.notes.preload()
    expect(second.notes.has('a')).toBe(true)
    await equalsServer(world, room, { notes: second.notes })
    await second.notes.insert(note('b')).isPersisted.promise
    expect((await world.rows(room, 'notes')).length).toBe(2)
  })

  test('another user is shown and sends nothing [J9, R17]', async () => {
    const { room, page } = device('user')
    const alice = page({ gate: 'shut' })
    await alice.notes.insert(note('a')).isPersisted.promise
    await alice.client.close()
    const bob = page({ claims: { userId: 'bob' } })
    bob.notes.preload().catch(() => {})
    await until(() => expect(bob.client.status.get().state).toBe('needs-auth'))
    expect(bob.client.status.get()).toMatchObject({ cause: { code: 'principal-changed' } })
    expect(await world.rows(room, 'notes')).toEqual([])
    expect(bob.client.pendingWrites.get().count).toBe(1)
  })

  test('a collection that was not shown for a while goes on from where it was [R5, R6]', async () => {
    const { room, page } = device('while')
    const first = page()
    await Promise.all([first.notes.preload(), first.todos.preload()])
    await world.sql(room, `INSERT INTO todos (id, title) VALUES ('t', 't')`)
    await until(() => expect(first.todos.size).toBe(1))
    await first.client.close()
    // Only the one is shown while both change.
    const second = page()
    await second.notes.preload()
    await world.sql(room, `INSERT INTO notes VALUES ('n', 'n', 'n')`)
    await world.sql(room, `INSERT INTO todos (id, title) VALUES ('u', 'u')`)
    await until(() => expect(second.notes.size).toBe(1))
    await second.client.close()
    const proxy = await world.frameProxy()
    const third = page({ port: proxy.port })
    await Promise.all([third.notes.preload(), third.todos.preload()])
    await equalsServer(world, room, { notes: third.notes, todos: third.todos })
    const link = await proxy.link(0)
    expect(link.clientFrames('join')).toMatchObject([{ since: expect.any(String) }])
  })
})
