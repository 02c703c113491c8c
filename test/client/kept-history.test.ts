import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { swallowReceipts } from '../support/frame-rules.ts'
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
afterEach(() => world.setClock(0))
afterAll(() => world.stop())

const DAY_MS = 24 * 3_600_000

const note = (id: string) => ({ id, slug: id, title: id })
const job = (id: string, delay = 0): Job => ({ id, behaviour: 'plain', delay })
const ids = (rows: readonly { readonly id?: unknown }[]) => rows.map(({ id }) => id)

const outliving = keepings.filter(([kept]) => kept !== 'memory')

describe.each(outliving)('kept: %s', (kept, keeping) => {
  test('after the server has forgotten a device, what was never sent arrives once, and of what may have arrived nobody is told a lie [C8, R7]', async () => {
    const room = `forgotten-${kept}`
    const options = keeping()
    const proxy = await world.frameProxy()
    const cutOff = openClient(world, room, { ...options, port: proxy.port })
    await cutOff.notes.preload()
    proxy.rule = swallowReceipts
    cutOff.gate.shut()
    const unheard = ending(cutOff.confirmed(cutOff.notes.insert(note('maybe'))))
    await until(() => expect(cutOff.gate.waiting).toBe(1))
    await cutOff.client.close()
    await unheard
    const offline = openClient(world, room, { ...options, gate: 'shut' })
    const tx = offline.notes.insert(note('unsent'))
    const never = ending(offline.confirmed(tx))
    await offline.client.whenStored(tx)
    await offline.client.close()
    await never

    await world.setClock(91 * DAY_MS)
    await world.sql(room, `INSERT INTO traces VALUES ('t', 'housekeeping comes with a write')`)
    const later = await world.frameProxy()
    const next = openClient(world, room, { ...options, port: later.port })
    await next.notes.preload()
    await until(() => expect(next.client.pendingWrites.get().count).toBe(0))
    const [hello] = later.links.flatMap((link) => link.serverFrames('welcome'))
    expect(hello?.cids.map(({ is }) => is)).toEqual(['unknown', 'unknown'])
    expect(next.client.failedWrites.get().items).toMatchObject([
      { code: 'outcome-unknown', ops: [{ key: 'maybe' }] },
    ])
    const sent = later.links.flatMap((link) => link.clientFrames('push').flatMap(({ items }) => items))
    expect(sent.flatMap((item) => (item.do === 'mutate' ? item.ops.map(({ key }) => key) : []))).toEqual([
      'unsent',
    ])
    await equalsServer(world, room, { notes: next.notes })
    expect(ids(await world.rows(room, 'notes'))).toEqual(['maybe', 'unsent'])
  })

  test.each([
    ['before', 0],
    ['between', 1],
    ['after', 2],
  ] as const)(
    'a restore to a point %s two writes whose receipts were lost leaves each of them there once [R20]',
    async (point, arrived) => {
      const room = `restored-${point}-${kept}`
      const options = keeping()
      await world.storageSql(room, 'CREATE TABLE ran (n INTEGER PRIMARY KEY, id TEXT)')
      await world.storageSql(
        room,
        'CREATE TRIGGER job_ran AFTER INSERT ON jobs BEGIN INSERT INTO ran (id) VALUES (NEW.id); END',
      )
      const proxy = await world.frameProxy()
      const page = openClient(world, room, { ...options, port: proxy.port })
      await page.jobs.preload()
      await page.confirmed(page.jobs.insert(job('base')))
      const base = await world.storageCopy(room)
      // Nothing is heard of them, and nothing is asked.
      proxy.rule = ({ from }) => (from === 'server' ? 'hold' : 'pass')
      const unheard = [job('first'), job('second', 1500)].map((each) =>
        ending(page.confirmed(page.jobs.insert(each))),
      )
      const there = async () => (await world.rows(room, 'jobs')).length - 1
      await until(async () => expect(await there()).toBe(1))
      const between = await world.storageCopy(room)
      await until(async () => expect(await there()).toBe(2))
      const after = await world.storageCopy(room)
      page.gate.shut()
      await page.client.close()
      await Promise.all(unheard)
      await world.restore(room, [base, between, after][arrived] ?? null)
      expect(await there()).toBe(arrived)

      const next = openClient(world, room, options)
      await next.jobs.preload()
      await until(() => expect(next.client.pendingWrites.get().count).toBe(0))
      const ran = await world.storageSql(room, 'SELECT id FROM ran ORDER BY n')
      expect(ids(ran)).toEqual(['base', 'first', 'second'])
      expect(next.client.failedWrites.get().count).toBe(0)
      await equalsServer(world, room, { jobs: next.jobs })
    },
  )

  test('a log that was pruned behind a device costs it a load, and none of its writes [R1, R7]', async () => {
    const room = `pruned-${kept}`
    const options = keeping()
    await world.sql(room, `INSERT INTO notes VALUES ('stale', 'stale', ''), ('stays', 'stays', '')`)
    const home = openClient(world, room, options)
    await home.notes.preload()
    await home.client.close()
    const offline = openClient(world, room, { ...options, gate: 'shut' })
    await offline.notes.preload()
    const tx = offline.notes.insert(note('mine'))
    const unheard = ending(offline.confirmed(tx))
    await offline.client.whenStored(tx)
    await offline.client.close()
    await unheard
    await world.sql(room, `DELETE FROM notes WHERE id = 'stale'`)
    await world.evict(room)
    await world.sql(room, `INSERT INTO traces VALUES ('t', 'the newest row of the log')`)
    await world.prune(room)
    const proxy = await world.frameProxy()
    const next = openClient(world, room, { ...options, port: proxy.port })
    await next.notes.preload()
    expect(ids(next.notes.toArray)).toContain('mine')
    await until(() => expect(next.client.pendingWrites.get().count).toBe(0))
    await equalsServer(world, room, { notes: next.notes })
    expect(ids(next.notes.toArray).toSorted()).toEqual(['mine', 'stays'])
    expect(proxy.links[0]?.serverFrames('welcome')[0]?.reset).toBe('pruned')
  })
})
