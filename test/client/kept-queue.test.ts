import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import type { Job } from '../worker/rows.ts'
import { equalsServer, until } from './convergence.ts'
import { ending } from './ending.ts'
import { keepings } from './keepings.ts'
import { openClient } from './live-client.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const DAY_MS = 24 * 3_600_000

const note = (id: string, title = id) => ({ id, slug: id, title })
const titled = (title: string) => (row: { title: string }) => {
  row.title = title
}
const job = (id: string, behaviour: Job['behaviour'] = 'plain', delay = 0): Job => ({ id, behaviour, delay })

/** What is done to the notes of a room, in order. */
async function notesDone(room: string): Promise<() => Promise<unknown[]>> {
  await world.storageSql(room, 'CREATE TABLE done (n INTEGER PRIMARY KEY, what TEXT)')
  for (const event of ['INSERT', 'UPDATE']) {
    await world.storageSql(
      room,
      `CREATE TRIGGER done_${event} AFTER ${event} ON notes BEGIN INSERT INTO done (what) VALUES (NEW.title); END`,
    )
  }
  return async () =>
    (await world.storageSql(room, 'SELECT what FROM done ORDER BY n')).map(({ what }) => what)
}

const outliving = keepings.filter(([kept]) => kept !== 'memory')

describe.each(outliving)('kept: %s', (kept, keeping) => {
  type Page = ReturnType<typeof openClient>
  type Transaction = ReturnType<Page['notes']['insert']>

  /** A device that has been there: what is in the room is kept on it. */
  const deviceOf = async (room: string) => {
    const options = keeping()
    const home = openClient(world, room, options)
    await Promise.all([home.notes.preload(), home.jobs.preload()])
    await home.client.close()
    return options
  }

  /** Writes that are kept, by a page that is gone again without having sent them. */
  const leave = async (page: Page, write: () => Transaction[]) => {
    const transactions = write()
    const unheard = transactions.map((tx) => ending(page.confirmed(tx)))
    await Promise.all(transactions.map((tx) => page.client.whenStored(tx)))
    const { items } = page.client.pendingWrites.get()
    await page.client.close()
    await Promise.all(unheard)
    return items
  }

  test('unsent writes have the same ids, order and times on the next page, and arrive in that order [R7]', async () => {
    const room = `same-${kept}`
    const done = await notesDone(room)
    const options = await deviceOf(room)
    const first = openClient(world, room, { ...options, gate: 'shut' })
    await first.notes.preload()
    const left = await leave(first, () => [
      first.notes.insert(note('a', 'one')),
      first.notes.insert([note('b', 'two'), note('c', 'three')]),
      first.notes.update('a', titled('four')),
    ])
    expect(left).toHaveLength(3)
    const second = openClient(world, room, { ...options, gate: 'shut' })
    await second.notes.preload()
    expect(second.client.pendingWrites.get().items).toEqual(left)
    const more = await leave(second, () => [second.notes.update('b', titled('five'))])
    expect(more.slice(0, 3)).toEqual(left)
    const third = openClient(world, room, options)
    await third.notes.preload()
    await until(() => expect(third.client.pendingWrites.get().count).toBe(0))
    expect(await done()).toEqual(['one', 'two', 'three', 'four', 'five'])
    await equalsServer(world, room, { notes: third.notes })
  })

  test('a write that is taken back leaves its number to nobody, and those after it arrive [R7]', async () => {
    const room = `taken-back-${kept}`
    const options = await deviceOf(room)
    const first = openClient(world, room, { ...options, gate: 'shut' })
    await first.notes.preload()
    const left = await leave(first, () => ['a', 'b', 'c'].map((id) => first.notes.insert(note(id))))
    const second = openClient(world, room, { ...options, gate: 'shut' })
    await second.notes.preload()
    await second.client.discardPending(left[1]?.id ?? '')
    expect(second.notes.toArray.map(({ id }) => id)).toEqual(['a', 'c'])
    await second.client.close()
    const proxy = await world.frameProxy()
    const third = openClient(world, room, { ...options, port: proxy.port })
    await third.notes.preload()
    await until(() => expect(third.client.pendingWrites.get().count).toBe(0))
    const sent = proxy.links.flatMap((link) => link.clientFrames('push').flatMap(({ items }) => items))
    expect(sent.map(({ n, do: what }) => [n, what])).toEqual([
      [1, 'mutate'],
      [2, 'skip'],
      [3, 'mutate'],
    ])
    await equalsServer(world, room, { notes: third.notes })
    expect(third.notes.size).toBe(2)
  })

  test('what was written on a row whose insert is refused is refused with it, nothing of either stays, and the rest arrives', async () => {
    const room = `on-refused-${kept}`
    const options = await deviceOf(room)
    const first = openClient(world, room, { ...options, gate: 'shut' })
    await first.notes.preload()
    await leave(first, () => [
      first.notes.insert({ ...note('refused'), slug: null as never }),
      first.notes.update('refused', titled('on it')),
      first.notes.insert(note('other')),
    ])
    const next = openClient(world, room, options)
    await next.notes.preload()
    await until(() => expect(next.client.pendingWrites.get().count).toBe(0))
    expect(next.client.failedWrites.get().items).toMatchObject([
      { code: 'constraint-failed', ops: [{ type: 'insert', key: 'refused' }] },
      { code: 'row-not-found', ops: [{ type: 'update', key: 'refused' }] },
    ])
    await until(() => expect(next.notes.toArray.map(({ id }) => id)).toEqual(['other']))
    await equalsServer(world, room, { notes: next.notes })
  })

  test('a kept write that crashes the object is given up on after some pages, and what was written behind it arrives', async () => {
    const room = `poison-${kept}`
    const options = await deviceOf(room)
    const first = openClient(world, room, { ...options, gate: 'shut' })
    await first.jobs.preload()
    await leave(first, () => [
      first.jobs.insert(job('poison', 'execute-abort')),
      first.jobs.insert(job('behind')),
    ])
    const next = openClient(world, room, options)
    await next.jobs.preload()
    await until(() => expect(next.client.pendingWrites.get().count).toBe(0))
    expect(next.client.failedWrites.get().items).toMatchObject([
      { code: 'handler-crashed', ops: [{ key: 'poison' }] },
    ])
    await equalsServer(world, room, { jobs: next.jobs })
    expect(next.jobs.toArray.map(({ id }) => id)).toEqual(['behind'])
  })

  test('credentials that end while kept writes are sent drop none of them: the rest waits for better ones, also over pages', async () => {
    const room = `signed-off-${kept}`
    const options = await deviceOf(room)
    const first = openClient(world, room, { ...options, gate: 'shut' })
    await first.jobs.preload()
    await leave(first, () => [
      first.jobs.insert(job('at once')),
      first.jobs.insert(job('slow', 'plain', 1000)),
      first.jobs.insert(job('last')),
    ])
    const token = JSON.stringify({ userId: 'alice' })
    const next = openClient(world, room, { ...options, getToken: ({ force }) => (force ? null : token) })
    await next.jobs.preload()
    await until(async () => expect(await world.rows(room, 'jobs')).toHaveLength(1))
    await world.control(room, 'disconnect', { userId: 'alice' })
    await until(() => expect(next.client.status.get().state).toBe('needs-auth'))
    expect(next.client.pendingWrites.get().count).toBeGreaterThanOrEqual(2)
    expect([next.client.failedWrites.get().count, next.jobs.size]).toEqual([0, 3])
    await next.client.close()
    const back = openClient(world, room, options)
    await back.jobs.preload()
    await until(() => expect(back.client.pendingWrites.get().count).toBe(0))
    expect(back.client.failedWrites.get().count).toBe(0)
    await equalsServer(world, room, { jobs: back.jobs })
    expect(back.jobs.size).toBe(3)
  })

  test.each([1, -1])(
    'a clock that jumps by %i day between keeping, sending and the next page changes neither the order nor what the next page shows',
    async (days) => {
      const room = `jump-${days}-${kept}`
      const done = await notesDone(room)
      const options = await deviceOf(room)
      vi.useFakeTimers({ toFake: ['Date'] })
      try {
        const jump = () => vi.setSystemTime(Date.now() + days * DAY_MS)
        const first = openClient(world, room, { ...options, gate: 'shut' })
        await first.notes.preload()
        const insert = first.notes.insert(note('a', 'one'))
        await (kept === 'settled-on-device' ? insert.isPersisted.promise : first.client.whenStored(insert))
        jump()
        const update = first.notes.update('a', titled('two'))
        // TanStack DB draws transactions in the order of its clock, as long as they are its own.
        if (kept === 'settled-on-device') expect(first.notes.get('a')?.title).toBe('two')
        await leave(first, () => [insert, update])
        jump()
        const second = openClient(world, room, { ...options, gate: 'shut' })
        await second.notes.preload()
        expect(second.notes.get('a')?.title).toBe('two')
        await leave(second, () => [second.notes.update('a', titled('three'))])
        jump()
        const third = openClient(world, room, options)
        await third.notes.preload()
        expect(third.notes.get('a')?.title).toBe('three')
        jump()
        await until(() => expect(third.client.pendingWrites.get().count).toBe(0))
        expect(third.client.failedWrites.get().count).toBe(0)
        expect(await done()).toEqual(['one', 'two', 'three'])
        await equalsServer(world, room, { notes: third.notes })
      } finally {
        vi.useRealTimers()
      }
    },
  )

  test('of pages whose clocks differ by two days the later write is the later one', async () => {
    const room = `skewed-${kept}`
    const done = await notesDone(room)
    const options = await deviceOf(room)
    const skewed = (ms: number) => ({ environment: { now: () => Date.now() + ms } })
    const ahead = openClient(world, room, { ...options, ...skewed(DAY_MS), gate: 'shut' })
    await ahead.notes.preload()
    const before = await leave(ahead, () => [ahead.notes.insert(note('a', 'ahead'))])
    const behind = openClient(world, room, { ...options, ...skewed(-DAY_MS), gate: 'shut' })
    await behind.notes.preload()
    const left = await leave(behind, () => [behind.notes.update('a', titled('behind'))])
    expect(left[0]).toEqual(before[0])
    const third = openClient(world, room, options)
    await third.notes.preload()
    expect(third.notes.get('a')?.title).toBe('behind')
    await until(() => expect(third.client.pendingWrites.get().count).toBe(0))
    expect(await done()).toEqual(['ahead', 'behind'])
    await equalsServer(world, room, { notes: third.notes })
  })
})
