import type { ServerFrame } from '@durable-sync/core/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { transparent } from '../support/frame-rules.ts'
import { createWorld, type World } from '../support/world.ts'
import { changeAll, seedAll } from './changing-tables.ts'
import { equalsServer, until } from './convergence.ts'
import { cutNextAfter } from './cut-once.ts'
import { watchForFlashes } from './flashes.ts'
import { type LiveClient, openClient } from './live-client.ts'
import { putToSleep } from './put-to-sleep.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

/** What is long is the same all the time, so its length and its beginning stand for it. */
const inBrief = (rows: readonly { readonly id: string; readonly content: string }[]) =>
  rows.map(({ id, content }) => ({ id, length: content.length, content: content.slice(0, 20) }))

async function messagesEqualServer(room: string, messages: LiveClient['messages']): Promise<void> {
  const stored = await world.sql(
    room,
    'SELECT id, length(content) AS length, substr(content, 1, 20) AS content FROM messages ORDER BY id',
  )
  await until(() => expect(inBrief(messages.toArray)).toEqual(stored))
}

const steps = [
  ['the object stays in memory', async () => {}],
  ['the object is evicted between every pair of steps', (room: string) => putToSleep(world, room)],
] as const

describe.each(steps)('while %s', (step, between) => {
  test('a client that is cut at every frame boundary of its first joins, of more than one answer, ends equal to the server every time [B2, B3, B4]', async () => {
    const room = `joins-${step.length}`
    const proxy = await world.frameProxy()
    await world.sql(
      room,
      `INSERT INTO messages SELECT 'big ' || value, 'server', replace(hex(zeroblob(450000)), '0', 'x'), value
       FROM json_each('[1,2,3,4,5]')`,
    )
    await seedAll(world, room, 0)
    const seen: ServerFrame[] = []
    let k = 0
    for (let cut = { happened: true }; cut.happened; k++) {
      const live = openClient(world, room, { port: proxy.port })
      const { messages, notes, todos, gate, client } = live
      gate.shut()
      const ready = [messages, notes, todos].map((collection) => collection.preload())
      const flashes = watchForFlashes(live)
      const change = async () => {
        await between(room)
        await changeAll(world, room, 0)
        await between(room)
      }
      await change()
      const first = proxy.links.length
      cut = cutNextAfter(proxy, k)
      const changes: Promise<void>[] = []
      const { rule } = proxy
      // The join of the large table takes two requests; in between, all tables change.
      proxy.rule = (message, link) => {
        const fate = rule(message, link)
        const { frame } = message
        if (fate !== 'pass' || message.from !== 'client' || frame?.type !== 'join' || !('p0' in frame))
          return fate
        changes.push(change().then(() => link.release()))
        return 'hold'
      }
      gate.admit(1)
      let loaded = 0
      for (const each of ready) void each.then(() => loaded++)
      await until(() => expect(gate.waiting === 1 || loaded === ready.length).toBe(true))
      if (gate.waiting === 1) await change()
      gate.admit()
      await Promise.all(ready)
      await Promise.all(changes)
      expect(changes.length).toBeGreaterThan(0)
      if (cut.happened) await until(() => expect(proxy.links.length).toBe(first + 2))
      await messagesEqualServer(room, messages)
      await equalsServer(world, room, { notes, todos })
      proxy.rule = transparent
      await change()
      await messagesEqualServer(room, messages)
      await equalsServer(world, room, { notes, todos })
      expect(proxy.links.length).toBe(first + (cut.happened ? 2 : 1))
      expect(flashes).toEqual([])
      for (const link of proxy.links.slice(first))
        seen.push(...link.serverFrames('next'), ...link.serverFrames('chunk'))
      await client.close()
    }
    expect(k).toBeGreaterThan(15)
    expect(seen.some((frame) => frame.type === 'next')).toBe(true)
    // Rows that were staged were deleted while the join went on.
    expect(seen.some((frame) => frame.type === 'chunk' && frame.del.length > 0)).toBe(true)
  }, 60_000)
})
