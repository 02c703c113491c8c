import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { transparent } from '../support/frame-rules.ts'
import { createWorld, type World } from '../support/world.ts'
import { changeAll, seedAll } from './changing-tables.ts'
import { equalsServer, until } from './convergence.ts'
import { cutNextAfter } from './cut-once.ts'
import { watchForFlashes } from './flashes.ts'
import { openClient } from './live-client.ts'
import { putToSleep } from './put-to-sleep.ts'
import { versions } from './tanstack-versions.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

describe.each(versions)('under @tanstack/db %s', (version, db) => {
  test('a client whose position was pruned is cut at every frame boundary of loading anew, shows its old rows all the time and ends equal to the server [B2, B6]', async () => {
    const room = `reset-${version}`
    const proxy = await world.frameProxy()
    await seedAll(world, room, 0)
    const live = openClient(world, room, { port: proxy.port, db })
    const { messages, notes, todos, gate } = live
    await Promise.all([messages, notes, todos].map((collection) => collection.preload()))
    const flashes = watchForFlashes(live)
    let k = 0
    for (let cut = { happened: true }; cut.happened; k++) {
      gate.shut()
      proxy.cut()
      await until(() => expect(gate.waiting).toBe(1))
      await putToSleep(world, room)
      await changeAll(world, room, 0)
      await world.prune(room)
      const first = proxy.links.length
      cut = cutNextAfter(proxy, k)
      gate.admit(1)
      await until(() =>
        expect(gate.waiting === 1 || messages.utils.syncState.get().phase === 'live').toBe(true),
      )
      if (gate.waiting === 1) await changeAll(world, room, 0)
      gate.admit()
      await equalsServer(world, room, { messages, notes, todos })
      if (cut.happened) await until(() => expect(proxy.links.length).toBe(first + 2))
      proxy.rule = transparent
      const resets = proxy.links
        .slice(first)
        .flatMap((link) => link.serverFrames('welcome').map(({ reset }) => reset))
      expect(resets).toContain('pruned')
      await until(() => expect(messages.utils.syncState.get().phase).toBe('live'))
      await changeAll(world, room, 0)
      await equalsServer(world, room, { messages, notes, todos })
    }
    expect(k).toBeGreaterThan(8)
    expect(flashes).toEqual([])
  })
})
