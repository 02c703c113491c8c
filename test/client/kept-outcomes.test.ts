import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { swallowReceipts, transparent } from '../support/frame-rules.ts'
import { createWorld, type World } from '../support/world.ts'
import type { Job } from '../worker/rows.ts'
import { equalsServer, until } from './convergence.ts'
import { ending } from './ending.ts'
import { keepings } from './keepings.ts'
import { openClient } from './live-client.ts'
import { watchSteadily } from './steady-watch.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const note = (id: string) => ({ id, slug: id, title: id })
const job = (id: string, behaviour: Job['behaviour'] = 'plain', delay = 0): Job => ({ id, behaviour, delay })
const ids = (rows: readonly { readonly id?: unknown }[]) => rows.map(({ id }) => id)

type Proxy = Awaited<ReturnType<World['frameProxy']>>

/** Everything that was sent as a write, in order. */
const pushed = ({ links }: Proxy) =>
  links.flatMap((link) => link.clientFrames('push').flatMap(({ items }) => items))

/** The room writes down every job that runs, also one that leaves no row. */
async function countJobs(room: string): Promise<() => Promise<unknown[]>> {
  await world.storageSql(room, 'CREATE TABLE ran (n INTEGER PRIMARY KEY, id TEXT)')
  await world.storageSql(
    room,
    'CREATE TRIGGER job_ran AFTER INSERT ON jobs BEGIN INSERT INTO ran (id) VALUES (NEW.id); END',
  )
  return async () => ids(await world.storageSql(room, 'SELECT id FROM ran ORDER BY n'))
}

const limitOps = (room: string, opsPerMutation: number) =>
  world.control(room, 'register', { limits: { opsPerMutation } })

describe.each(keepings)('kept: %s', (kept, keeping) => {
  test('a write that is sent again while its first attempt waits to be let in runs once [C5]', async () => {
    const room = `waiting-${kept}`
    const ran = await countJobs(room)
    const proxy = await world.frameProxy()
    const { client, confirmed, jobs } = openClient(world, room, { port: proxy.port, ...keeping() })
    await jobs.preload()
    // Twice the socket breaks right after the write was sent on it.
    proxy.rule = ({ from, frame }, link) =>
      link.index < 2 && from === 'client' && frame?.type === 'push' ? 'last' : 'pass'
    await confirmed(jobs.insert(job('slow', 'plain', 1000)))
    expectResent(proxy)
    expect(await ran()).toEqual(['slow'])
    expect(client.pendingWrites.get().count).toBe(0)
    await equalsServer(world, room, { jobs })
  })

  test('a limit that was lowered since leaves committed what is, and refuses whole what never arrived [C10, C22]', async () => {
    const room = `lowered-${kept}`
    const proxy = await world.frameProxy()
    const { confirmed, notes, gate } = openClient(world, room, { port: proxy.port, ...keeping() })
    await notes.preload()
    proxy.rule = swallowReceipts
    gate.shut()
    const committed = confirmed(notes.insert([note('a'), note('b')]))
    await until(() => expect(gate.waiting).toBe(1))
    const unsent = ending(confirmed(notes.insert([note('c'), note('d')])))
    await limitOps(room, 1)
    proxy.rule = transparent
    gate.admit()
    await committed
    expect(await unsent).toMatchObject({ name: 'MutationRejectedError', code: 'too-many-ops' })
    expect(ids(await world.rows(room, 'notes'))).toEqual(['a', 'b'])
    expect(ids(notes.toArray)).toEqual(['a', 'b'])
    // What is known to be too much is not even tried.
    const sent = pushed(proxy).length
    expect(await ending(confirmed(notes.insert([note('e'), note('f')])))).toMatchObject({
      code: 'too-many-ops',
    })
    await confirmed(notes.insert(note('g')))
    expect(pushed(proxy)).toHaveLength(sent + 1)
    await equalsServer(world, room, { notes })
  })

  test('somebody else hears nothing of what became of my writes, and uses up none of my numbers [C11]', async () => {
    const room = `mine-${kept}`
    const [proxy, theirs] = [await world.frameProxy(), await world.frameProxy()]
    const mine = openClient(world, room, { port: proxy.port, ...keeping() })
    await mine.jobs.preload()
    proxy.rule = swallowReceipts
    mine.gate.shut()
    const denied = ending(mine.confirmed(mine.jobs.insert(job('denied', 'check-throw'))))
    const carriedOut = mine.confirmed(mine.jobs.insert(job('mine')))
    await until(() => expect(mine.gate.waiting).toBe(1))
    const bob = openClient(world, room, {
      port: theirs.port,
      claims: { userId: 'bob' },
      ...keeping('bob'),
    })
    await bob.jobs.preload()
    for (const id of ['one', 'two', 'three']) await bob.confirmed(bob.jobs.insert(job(id)))
    expect(bob.client.failedWrites.get().count).toBe(0)
    proxy.rule = transparent
    mine.gate.admit()
    expect(await denied).toMatchObject({ code: 'denied', message: expect.stringContaining('check says no') })
    await carriedOut
    const own = new Set(pushed(proxy).map(({ cid }) => cid))
    const others = pushed(theirs).map(({ cid }) => cid)
    expect(others.filter((cid) => own.has(cid))).toEqual([])
    const told = theirs.links.flatMap((link) =>
      link.serverFrames('changes').flatMap(({ settled = [] }) => settled),
    )
    expect(told.length).toBeGreaterThan(0)
    expect(told.filter(({ cid }) => own.has(cid))).toEqual([])
    await equalsServer(world, room, { jobs: mine.jobs })
  })

  test('no two writes go under one number, over lost receipts, rejections and connections [C13]', async () => {
    const room = `numbers-${kept}`
    const proxy = await world.frameProxy()
    const { confirmed, jobs } = openClient(world, room, { port: proxy.port, ...keeping() })
    await jobs.preload()
    for (let round = 0; round < 3; round++) {
      const link = proxy.links.length
      proxy.rule = (frame, each) => (each.index < link ? swallowReceipts(frame, each) : 'pass')
      const [lost, refused] = [job(`lost${round}`), job(`refused${round}`, 'authorize-throw')]
      await Promise.all([confirmed(jobs.insert(lost)), ending(confirmed(jobs.insert(refused)))])
      await confirmed(jobs.insert(job(`live${round}`)))
    }
    expectOneEach(proxy)
    expect(jobs.size).toBe(6)
    await equalsServer(world, room, { jobs })
  })

  test('an asynchronous handler is undone, its writer gets the reason, and the log of the server says how to mend it [C14]', async () => {
    const room = `asynchronous-${kept}`
    const { client, confirmed, jobs } = openClient(world, room, keeping())
    const watcher = openClient(world, room, { claims: { userId: 'bob' }, ...keeping('bob') })
    await Promise.all([jobs.preload(), watcher.jobs.preload()])
    const sizes = watchSteadily(() => watcher.jobs.size)
    const error = await ending(confirmed(jobs.insert(job('later', 'execute-thenable'))))
    expect(error).toMatchObject({ name: 'MutationRejectedError', code: 'handler-async' })
    expect([jobs.size, client.pendingWrites.get().count]).toEqual([0, 0])
    expect(await world.rows(room, 'jobs')).toEqual([])
    const events = await world.control(room, 'events', {})
    expect(events.filter(({ type }) => type === 'error')).toMatchObject([
      { error: expect.stringContaining('must be synchronous') },
    ])
    await confirmed(jobs.insert(job('after')))
    await until(() => expect(sizes()).toEqual([0, 1]))
  })

  test('a write of the server reaches who is there, and who comes later; an asynchronous one nobody [C21]', async () => {
    const room = `by-server-${kept}`
    const options = keeping()
    const watcher = openClient(world, room, options)
    await watcher.notes.preload()
    const seen = watchSteadily(() => ids(watcher.notes.toArray).join())
    const insert = (id: string) => `INSERT INTO notes VALUES ('${id}', '${id}', '${id}')`
    await world.control(room, 'write', { statements: [insert('a'), insert('b')] })
    await until(() => expect(watcher.notes.size).toBe(2))
    await ending(world.control(room, 'write', { statements: [insert('never')], asynchronous: true }))
    await world.sql(room, insert('c'))
    await until(() => expect(watcher.notes.size).toBe(3))
    expect(seen()).toEqual(['', 'a,b', 'a,b,c'])
    await watcher.client.close()
    // The next page on the same device begins with what the last one had.
    await world.sql(room, insert('d'))
    const later = openClient(world, room, options)
    const sizes = watchSteadily(() => later.notes.size)
    await later.notes.preload()
    await until(() => expect(later.notes.size).toBe(4))
    expect(sizes()).toEqual(kept === 'memory' ? [0, 4] : [0, 3, 4])
    await equalsServer(world, room, { notes: later.notes })
  })

  test('more operations than are allowed are refused with a code, and none of them is applied [C22]', async () => {
    const room = `too-many-${kept}`
    await limitOps(room, 3)
    const { client, confirmed, notes } = openClient(world, room, keeping())
    await notes.preload()
    const many = ['a', 'b', 'c', 'd'].map(note)
    expect(await ending(confirmed(notes.insert(many)))).toMatchObject({ code: 'too-many-ops' })
    await until(() => expect([notes.size, client.pendingWrites.get().count]).toEqual([0, 0]))
    await confirmed(notes.insert(many.slice(1)))
    expect(ids(await world.rows(room, 'notes'))).toEqual(['b', 'c', 'd'])
    await equalsServer(world, room, { notes })
  })
})

/** The first write was sent more than once, always as the same. */
function expectResent(proxy: Proxy): void {
  const [first, ...others] = pushed(proxy)
  expect(first).toMatchObject({ n: 1 })
  expect(others.length).toBeGreaterThan(0)
  for (const each of others) expect(each).toEqual({ ...first, again: true })
}

/** No client id and number stand for two writes. */
function expectOneEach(proxy: Proxy): void {
  const writes = new Map<string, Set<string>>()
  for (const item of pushed(proxy)) {
    const number = `${item.cid} ${item.n}`
    const what = item.do === 'mutate' ? item.ops.map(({ key }) => key).join() : item.do
    writes.set(number, (writes.get(number) ?? new Set()).add(what))
  }
  expect(writes.size).toBeGreaterThan(0)
  expect([...writes].filter(([, of]) => of.size > 1)).toEqual([])
}

describe.each(keepings.filter(([kept]) => kept !== 'memory'))(
  'with the next page, kept: %s',
  (kept, keeping) => {
    test('a write whose page goes while it waits to be let in is sent again by the next one, and runs once [C5]', async () => {
      const room = `next-waiting-${kept}`
      const ran = await countJobs(room)
      const proxy = await world.frameProxy()
      const options = { port: proxy.port, ...keeping() }
      const gone = openClient(world, room, options)
      await gone.jobs.preload()
      const unheard = ending(gone.confirmed(gone.jobs.insert(job('slow', 'plain', 1000))))
      await until(() => expect(pushed(proxy)).toHaveLength(1))
      await gone.client.close()
      await unheard
      const next = openClient(world, room, options)
      await next.jobs.preload()
      await until(() => expect(next.client.pendingWrites.get().count).toBe(0))
      expectResent(proxy)
      await until(async () => expect(await ran()).toEqual(['slow']))
      await equalsServer(world, room, { jobs: next.jobs })
      expect(next.client.failedWrites.get().count).toBe(0)
    })

    test('a write of more operations than are allowed by the time it is sent is refused whole, and its row leaves [C22]', async () => {
      const room = `next-too-many-${kept}`
      const options = keeping()
      const offline = openClient(world, room, { gate: 'shut', ...options })
      const tx = offline.notes.insert(['a', 'b', 'c'].map(note))
      const unheard = ending(offline.confirmed(tx))
      await offline.client.whenStored(tx)
      await offline.client.close()
      await unheard
      await limitOps(room, 2)
      const next = openClient(world, room, options)
      await next.notes.preload()
      await until(() => expect(next.client.failedWrites.get().count).toBe(1))
      expect(next.client.failedWrites.get().items).toMatchObject([{ code: 'too-many-ops' }])
      expect([next.notes.size, next.client.pendingWrites.get().count]).toEqual([0, 0])
      expect(await world.rows(room, 'notes')).toEqual([])
    })

    test('somebody else who is given the storage of the last user sends none of its writes and uses up none of its numbers [C11]', async () => {
      const room = `next-mine-${kept}`
      const options = keeping()
      const offline = openClient(world, room, { gate: 'shut', ...options })
      const tx = offline.notes.insert(note('mine'))
      const unheard = ending(offline.confirmed(tx))
      await offline.client.whenStored(tx)
      await offline.client.close()
      await unheard
      const theirs = await world.frameProxy()
      const bob = openClient(world, room, { port: theirs.port, claims: { userId: 'bob' }, ...options })
      bob.notes.preload().catch(() => {})
      await until(() => expect(bob.client.status.get().state).toBe('needs-auth'))
      expect(pushed(theirs)).toEqual([])
      await bob.client.close()
      const proxy = await world.frameProxy()
      const back = openClient(world, room, { port: proxy.port, ...options })
      await back.notes.preload()
      await until(() => expect(back.client.pendingWrites.get().count).toBe(0))
      expect(pushed(proxy).map(({ n }) => n)).toEqual([1])
      await equalsServer(world, room, { notes: back.notes })
      expect(ids(back.notes.toArray)).toEqual(['mine'])
    })

    test('no two writes go under one number, over pages that were online, offline or cut off [C13]', async () => {
      const room = `next-numbers-${kept}`
      const proxy = await world.frameProxy()
      const options = { port: proxy.port, ...keeping() }
      const wanted: string[] = []
      for (let round = 0; round < 3; round++) {
        for (const how of ['offline', 'cut off', 'online'] as const) {
          proxy.rule = how === 'cut off' ? swallowReceipts : transparent
          const page = openClient(world, room, how === 'offline' ? { ...options, gate: 'shut' } : options)
          if (how !== 'offline') await page.notes.preload()
          if (how === 'cut off') page.gate.shut()
          const written = ['x', 'y'].map((end) => `${how[1]}${how[2]}${round}${end}`)
          wanted.push(...written)
          const ends = written.map((id) => ending(page.client.whenStored(page.notes.insert(note(id)))))
          await Promise.all(ends)
          if (how === 'cut off') await until(() => expect(page.gate.waiting).toBe(1))
          if (how === 'online') await until(() => expect(page.client.pendingWrites.get().count).toBe(0))
          await page.client.close()
        }
      }
      expectOneEach(proxy)
      expect(ids(await world.rows(room, 'notes'))).toEqual(wanted.toSorted())
    })
  },
)
