import { createCollection } from '@tanstack/db'
import { afterEach, expect, test, vi } from 'vitest'
import { doCollectionOptions } from '../collection/do-collection-options.ts'
import { memoryDevice } from '../persistence/memory-device.ts'
import { SyncClient } from './sync-client.ts'
import { ScriptedServer } from './testing/scripted-server.ts'
import { row, type TodoApi } from './testing/todo-room.ts'

const TIMINGS = { firstWindowMs: 1, backoffBaseMs: 1, backoffCapMs: 2, lingerMs: 1 }
const KEPT_AS = { endpoint: 'wss://x', room: 'room' }

const until = (check: () => unknown) => vi.waitFor(check, { timeout: 10_000, interval: 2 })

const clients: SyncClient<TodoApi>[] = []
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
})

/** A page that has read from its device that the title of `a` is old, shows it and is live. */
async function opened() {
  const storage = memoryDevice('me')
  const server = new ScriptedServer()
  server.kinds.todos = { done: 'boolean' }
  server.put('todos', row('a', 'old'))
  const page = async () => {
    const client = new SyncClient<TodoApi>({
      transport: server,
      timings: TIMINGS,
      storage,
      settleOn: 'device',
      keptAs: KEPT_AS,
    })
    clients.push(client)
    const todos = () => createCollection(doCollectionOptions({ client, table: 'todos' }))
    const shown = todos()
    await shown.preload()
    await until(() => expect(shown.utils.syncState.get().phase).toBe('live'))
    expect(shown.get('a')?.title).toBe('old')
    return { server, client, shown, todos }
  }
  const before = await page()
  await before.client.close()
  const { shapes } = await storage.open(KEPT_AS.endpoint).room(KEPT_AS.room).load()
  expect(shapes).toHaveLength(1)
  return page()
}

test('a collection that is mounted again without a connection shows what was shown last, not what the page read when it began', async () => {
  const { server, client, shown, todos } = await opened()
  await client.whenConfirmed(
    shown.update('a', (draft) => {
      draft.title = 'mine'
    }),
  )
  await until(() => expect(client.pendingWrites.get().count).toBe(0))
  server.open = () => {}
  server.drop()
  await shown.cleanup()
  const again = todos()
  await again.preload()
  expect(again.get('a')?.title).toBe('mine')
})

test('a second collection of the same rows never shows older ones than the first', async () => {
  const { server, shown, todos } = await opened()
  server.put('todos', row('a', 'new'))
  server.flush()
  await until(() => expect(shown.get('a')?.title).toBe('new'))
  const titles: string[] = []
  todos().subscribeChanges((changes) => titles.push(...changes.map(({ value }) => value.title)), {
    includeInitialState: true,
  })
  await until(() => expect(titles.at(-1)).toBe('new'))
  expect(titles).not.toContain('old')
})
