import {
  createSyncPlugin,
  provideSyncClient,
  useConnectionStatus,
  useSyncClient,
  useSyncedCollection,
} from '@durable-sync/vue'
import { useLiveQuery } from '@tanstack/vue-db'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type App, createApp, defineComponent, h, reactive, ref } from 'vue'
import type { TodoApi } from '../../../core/src/client/testing/todo-room.ts'
import { Rooms } from '../rooms.ts'

let clients: unknown[] = []

const TodoList = defineComponent(
  () => {
    clients.push(useSyncClient<TodoApi>().value)
    const todos = useSyncedCollection<TodoApi, 'todos'>({ table: 'todos' })
    const { data } = useLiveQuery((q) => q.from({ todo: todos.value }))
    const status = useConnectionStatus()
    return () => h('p', [status.value.state, ...data.value.map(({ title }) => title)].join())
  },
  { name: 'TodoList' },
)

beforeEach(() => {
  vi.useFakeTimers()
  clients = []
})
afterEach(() => void vi.useRealTimers())

const provided = (source: Parameters<typeof provideSyncClient>[0]) =>
  createApp({
    setup: () => {
      provideSyncClient(source)
      return () => h(TodoList)
    },
  })

// A deep ref hands out a proxy of what is in it, and nobody knows that for a client.
test.each<[string, (rooms: Rooms) => App]>([
  ['a ref of a client', (rooms) => provided(ref({ client: rooms.room('red') }))],
  ['a ref of rooms', (rooms) => provided(ref({ sync: rooms, room: 'red' }))],
  ['a reactive object', (rooms) => provided(reactive({ client: rooms.room('red') }))],
  [
    'a plugin with a reactive object',
    (rooms) => createApp(TodoList).use(createSyncPlugin(reactive({ client: rooms.room('red') }))),
  ],
])('what is provided may be %s', async (_name, appOf) => {
  const rooms = new Rooms()
  rooms.object('red').todos('a')
  const app = appOf(rooms)
  const into = document.createElement('div')
  app.mount(into)
  await vi.advanceTimersByTimeAsync(20)
  expect(into.textContent).toBe('connected,a')
  expect(clients[0]).toBe(rooms.room('red'))
  app.unmount()
  await rooms.close()
})
