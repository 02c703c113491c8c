import { expect } from 'vitest'
import type { Counterexample } from '../model/counterexample.ts'
import type { Action } from '../model/model.ts'
import { scenarios } from '../model/scenarios.ts'
import { pause } from '../support/deadline.ts'
import type { FrameProxy } from '../support/frame-proxy.ts'
import type { StorageCopy } from '../support/storage-copy.ts'
import type { World } from '../support/world.ts'
import { equalsServer, until } from './convergence.ts'
import { openClient } from './live-client.ts'

/** A frame that the model delivers next has arrived at the proxy by then, or the real system has none in its place. */
const PATIENCE_MS = 150
const STEP_MS = 5

/**
 * Replays what the world did in a counterexample of the model against the real client and server. A proxy holds every frame and lets
 * one through for each step in which the model delivers one, so the faults fall between the same frames. Then everything is mended.
 */
export async function replay(world: World, room: string, { scenario, trace }: Counterexample): Promise<void> {
  const { b } = scenarios[scenario]
  const proxy = await world.frameProxy()
  const client = openClient(world, room, { port: proxy.port })
  const copies = new Map<number, StorageCopy>()
  let length = 0
  const write = async (table: 'A' | 'B', key: number, value: string) => {
    await world.sql(room, statement(table, key, value))
    length++
    copies.set(length, await world.storageCopy(room))
  }
  await write('A', 0, 'on')
  await write('B', 0, 'on')
  await client.messages.preload()
  let mounted = b === 'joined' ? client.samples.subscribeChanges(() => {}) : undefined
  if (mounted) await until(() => expect(client.samples.status).toBe('ready'))
  proxy.rule = ({ frame }) => (frame ? 'hold' : 'pass')
  const own: Promise<unknown>[] = []

  const act = async (action: Action): Promise<void> => {
    switch (action.do) {
      case 'write':
        return write(action.table, action.key, action.value)
      case 'mutate': {
        const row = { id: 'own', author: 'alice', content: 'mine', created_at: 1 }
        const { promise } = client.messages.insert(row).isPersisted
        own.push(promise.catch((error: { code?: string }) => expect(error.code).toBe('outcome-unknown')))
        return
      }
      case 'mount':
        mounted ??= client.samples.subscribeChanges(() => {})
        return
      case 'unmount':
        mounted?.unsubscribe()
        mounted = undefined
        return client.samples.cleanup()
      case 'drop':
        return proxy.links.at(-1)?.cut()
      case 'evict':
        return world.evict(room)
      case 'compact':
        return world.compact(room)
      case 'prune':
        return world.prune(room)
      case 'wipe':
        return world.restore(room, null)
      case 'restore':
        length = action.to
        return world.restore(room, copies.get(action.to) ?? null)
      case 'to client':
      case 'to client, late':
        return letThrough(proxy, 'server')
      case 'to server':
      case 'to server, late':
        return letThrough(proxy, 'client')
      default:
        // The client connects, the server flushes and ends joins by itself.
        return pause(STEP_MS)
    }
  }

  for (const action of trace) await act(action)
  proxy.rule = () => 'pass'
  for (const link of proxy.links) link.release()
  await until(() => expect(client.client.status.get().state).toBe('connected'))
  await until(() => expect(client.client.pendingWrites.get().count).toBe(0))
  await Promise.all(own)
  // Every write of the end reaches the client as well: the stream is live, not only equal by chance.
  await world.sql(room, statement('A', 9, 'on'))
  await equalsServer(world, room, {
    messages: client.messages,
    ...(mounted ? { samples: client.samples } : {}),
  })
  mounted?.unsubscribe()
}

async function letThrough(proxy: FrameProxy, from: 'client' | 'server'): Promise<void> {
  for (let waited = 0; waited < PATIENCE_MS; waited += STEP_MS) {
    if (proxy.links.at(-1)?.releaseNext(from)) return
    await pause(STEP_MS)
  }
}

function statement(table: 'A' | 'B', key: number, value: string): string {
  const name = table === 'A' ? 'messages' : 'samples'
  if (value === 'gone') return `DELETE FROM ${name} WHERE id = 'k${key}'`
  return table === 'A'
    ? `INSERT INTO messages VALUES ('k${key}', 'bob', hex(randomblob(4)), 1) ON CONFLICT DO UPDATE SET content = excluded.content`
    : `INSERT INTO samples (id, t) VALUES ('k${key}', '${value} ' || hex(randomblob(4))) ON CONFLICT DO UPDATE SET t = excluded.t`
}
