import { provideSyncClient, useSyncedCollection } from '@durable-sync/vue'
import { useLiveQuery } from '@tanstack/vue-db'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createApp, defineComponent, h, KeepAlive, shallowRef } from 'vue'
import type { TodoApi } from '../../../core/src/client/testing/todo-room.ts'
import { Rooms } from '../rooms.ts'

const TodoList = defineComponent(
  () => {
    const todos = useSyncedCollection<TodoApi, 'todos'>({ table: 'todos' })
    const { data } = useLiveQuery((q) => q.from({ todo: todos.value }))
    return () => h('p', data.value.map(({ title }) => title).join())
  },
  { name: 'TodoList' },
)

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a component that KeepAlive has put away keeps its collection, goes on hearing, and lets go when it is pruned', async () => {
  const rooms = new Rooms()
  const red = rooms.object('red')
  red.todos('a')
  const shown = shallowRef<'list' | 'nothing' | 'pruned'>('list')
  const app = createApp({
    setup: () => {
      provideSyncClient({ sync: rooms, room: 'red' })
      const list = () => (shown.value === 'list' ? h(TodoList) : null)
      return () => (shown.value === 'pruned' ? null : h(KeepAlive, list))
    },
  })
  const into = document.createElement('div')
  app.mount(into)
  await vi.advanceTimersByTimeAsync(20)
  expect(into.textContent).toBe('a')

  shown.value = 'nothing'
  await vi.advanceTimersByTimeAsync(60_000)
  expect(into.textContent).toBe('')
  red.todos('b')
  shown.value = 'list'
  await vi.advanceTimersByTimeAsync(20)
  expect(into.textContent).toBe('a,b')
  expect([red.dialled, red.asked()]).toEqual([1, 1])

  shown.value = 'pruned'
  await vi.advanceTimersByTimeAsync(60_000)
  expect([rooms.sockets, rooms.listeners, vi.getTimerCount()]).toEqual([0, 0, 0])
})
