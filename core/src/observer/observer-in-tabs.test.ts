import { afterEach, expect, test, vi } from 'vitest'
import { createSync } from '../client/create-sync.ts'
import type { StorageFactory } from '../client/storage-factory.ts'
import { BrowserInNode, closeBrowsers, until } from '../client/testing/tabs-in-node.ts'
import { todo } from '../client/testing/todo-room.ts'
import type { DeviceStorage } from '../persistence/room-storage.ts'
import type { StorageHealth } from '../persistence/storage-health.ts'
import { createReadable } from '../status/readable.ts'
import type { SyncEvent } from './sync-event.ts'
import { eventsOf, saidBy } from './testing/observed-room.ts'

afterEach(closeBrowsers)

const ears = () => {
  const events: SyncEvent[] = []
  return { events, observer: (event: SyncEvent) => void events.push(event) }
}

test('each tab tells its own role, the position of its rows and how writes end; only the leader has frames', async () => {
  const browser = new BrowserInNode()
  browser.server.network = 'on'
  const [first, second] = [ears(), ears()]
  const leader = await browser.open({ observer: first.observer })
  const follower = await browser.open({ observer: second.observer })
  expect(eventsOf(first.events, 'tab').map(({ role }) => role)).toEqual(['leader'])
  expect(eventsOf(second.events, 'tab')).toEqual([])
  follower.todos.subscribeChanges(() => {})
  await until(() => expect(follower.todos.has('t')).toBe(true))
  await follower.todos.insert(todo('new')).isPersisted.promise
  await until(() => expect(follower.todos.get('new')?.$synced).toBe(true))
  const { head } = browser.server
  await until(() => expect(eventsOf(second.events, 'position').at(-1)?.position).toBe(head))
  expect(eventsOf(second.events, 'write').map(({ is }) => is)).toEqual(['queued', 'stored', 'confirmed'])
  expect(eventsOf(first.events, 'write').map(({ is }) => is)).toEqual(['sent', 'confirmed'])
  expect(eventsOf(second.events, 'frame')).toEqual([])
  expect(eventsOf(first.events, 'frame').map(({ frame }) => frame)).toContain('push')
  const states = eventsOf(second.events, 'status').map(({ status }) => status.state)
  expect(states.at(-1)).toBe('connected')
  expect(states.filter((state, i) => state === states[i - 1])).toEqual([])
  await leader.client.close()
  await until(() => expect(eventsOf(second.events, 'tab').map(({ role }) => role)).toEqual(['leader']))
})

/** A storage whose health a test says. */
function ailing(kept: StorageFactory) {
  const health = createReadable<StorageHealth>({ is: 'durable' })
  const opened = (endpoint: string): DeviceStorage => {
    const device = kept.open(endpoint)
    return {
      health,
      room: (room) => device.room(room),
      queue: () => device.queue(),
      leftBehind: () => device.leftBehind(),
      purge: (what) => device.purge(what),
      close: () => device.close(),
    }
  }
  return { health, storage: { ...kept, open: opened } }
}

test('how the storage is, is told when it changes, until the client is closed', async () => {
  const browser = new BrowserInNode()
  const { health, storage } = ailing(browser.storage)
  const { events, observer } = ears()
  const { client } = await browser.open({ storage, observer })
  health.set({ is: 'full', cause: 'no room' })
  const full = { is: 'full', cause: 'no room' } as const
  expect(eventsOf(events, 'storage').map(saidBy)).toEqual([
    { type: 'storage', status: { health: full, persisted: 'unknown' } },
  ])
  await client.close()
  const { length } = events
  expect(events.at(-1)).toMatchObject({ type: 'status', status: { state: 'closed' } })
  health.set({ is: 'durable' })
  expect(events).toHaveLength(length)
})

test('the rooms of one `createSync` have one observer, and each its name', async () => {
  vi.stubGlobal('document', { visibilityState: 'visible', addEventListener() {}, removeEventListener() {} })
  const { events, observer } = ears()
  const sync = createSync({ url: 'wss://x/sync', observer })
  const rooms = ['a', 'b'].map((name) => sync.room(name))
  await Promise.all(rooms.map((room) => room.close()))
  expect(eventsOf(events, 'status').map(({ client }) => client)).toEqual([
    { endpoint: 'wss://x/sync', room: 'a' },
    { endpoint: 'wss://x/sync', room: 'b' },
  ])
})
