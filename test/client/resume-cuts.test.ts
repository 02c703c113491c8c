import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { transparent } from '../support/frame-rules.ts'
import { createWorld, type World } from '../support/world.ts'
import { changeAll, seedAll } from './changing-tables.ts'
import { equalsServer, until } from './convergence.ts'
import { cutNextAfter } from './cut-once.ts'
import { watchGenerations } from './generations.ts'
import { type LiveClient, openClient } from './live-client.ts'
import { putToSleep } from './put-to-sleep.ts'
import { newestTanStack, type TanStack, versions } from './tanstack-versions.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const onServer = (room: string, { messages, notes, todos, jobs }: LiveClient) =>
  equalsServer(world, room, { messages, notes, todos, jobs })

const steps = [
  ['the object stays in memory', async () => {}],
  ['the object is evicted between every pair of steps', (room: string) => putToSleep(world, room)],
] as const

interface Course {
  readonly room: string
  readonly db: TanStack
  /** The length of some of the rows that change. */
  readonly bytes: number
  readonly between: (room: string) => Promise<void>
}

/**
 * Loses the connection of a client with three collections again and again, changes all of them, and cuts the new connection after its
 * first frame, its second, and so on, until there is nothing left to cut. A write of the client's own is on its way all the time.
 * Returns how many connections were cut, and the moments in which the collections were of different changes.
 */
async function cutEverywhere({
  room,
  db,
  bytes,
  between,
}: Course): Promise<{ cuts: number; mixes: string[] }> {
  const proxy = await world.frameProxy()
  await seedAll(world, room, bytes)
  const live = openClient(world, room, { port: proxy.port, db })
  const { messages, notes, todos, jobs, client, gate } = live
  await Promise.all([messages, notes, todos, jobs].map((collection) => collection.preload()))
  const mixes = watchGenerations(live)
  const change = async (size: number) => {
    await between(room)
    await changeAll(world, room, size)
    await between(room)
  }
  for (let k = 0; ; k++) {
    gate.shut()
    proxy.cut()
    await until(() => expect(gate.waiting).toBe(1))
    await change(bytes)
    const tx = jobs.insert({ id: `mine ${k}`, behaviour: 'plain', delay: 0 })
    const before = proxy.links.length
    const cut = cutNextAfter(proxy, k)
    gate.admit(1)
    await until(() => expect(gate.waiting === 1 || client.pendingWrites.get().count === 0).toBe(true))
    if (gate.waiting === 1) await change(bytes)
    gate.admit()
    await tx.isPersisted.promise
    await onServer(room, live)

    // Live delivery goes on, without another connection.
    proxy.rule = transparent
    const dials = before + (cut.happened ? 2 : 1)
    await until(() => expect(proxy.links.length).toBe(dials))
    await change(0)
    await onServer(room, live)
    expect(proxy.links.length).toBe(dials)
    if (!cut.happened) return { cuts: k, mixes }
  }
}

describe.each(steps)('while %s', (step, between) => {
  test.each(versions)(
    'under @tanstack/db %s, a client with three collections that is cut at every frame boundary of a resume ends equal to the server every time [B2]',
    async (version, db) => {
      const { cuts, mixes } = await cutEverywhere({
        room: `small-${version}-${step.length}`,
        db,
        bytes: 0,
        between,
      })
      expect(cuts).toBeGreaterThanOrEqual(4)
      expect(mixes).toEqual([])
    },
  )

  test('a client with three collections that is cut at every frame boundary of a resume of several frames ends equal to the server every time [B2]', async () => {
    const { cuts, mixes } = await cutEverywhere({
      room: `large-${step.length}`,
      db: newestTanStack,
      bytes: 90_000,
      between,
    })
    expect(cuts).toBeGreaterThanOrEqual(8)
    expect(mixes).toEqual([])
  }, 60_000)
})
