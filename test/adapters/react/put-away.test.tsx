import { SyncProvider, useSyncedCollection } from '@durable-sync/react'
import { useLiveQuery } from '@tanstack/react-db'
import { Activity, act, StrictMode, Suspense, use } from 'react'
import { createRoot } from 'react-dom/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { TodoApi } from '../../../core/src/client/testing/todo-room.ts'
import { Rooms } from '../rooms.ts'

function Todos({ text, after }: { readonly text?: string; readonly after?: Promise<void> }) {
  const todos = useSyncedCollection<TodoApi, 'todos'>({ table: 'todos' })
  const { data } = useLiveQuery({ query: (q) => q.from({ todo: todos }) })
  if (after) use(after)
  return <p>{[...data.map(({ title }) => title), text].join()}</p>
}

const rooms = () => {
  const made = new Rooms()
  made.object('red').todos('a')
  return made
}

const pass = (ms: number) => act(async () => void (await vi.advanceTimersByTimeAsync(ms)))

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('a component that Activity has hidden for long shows the rows again when it comes back', async () => {
  const sync = rooms()
  const into = document.createElement('div')
  const root = createRoot(into)
  const show = async (mode: 'visible' | 'hidden', text: string) => {
    await act(async () =>
      root.render(
        <StrictMode>
          <SyncProvider sync={sync} room="red">
            <Activity mode={mode}>
              <Todos text={text} />
            </Activity>
          </SyncProvider>
        </StrictMode>,
      ),
    )
    await pass(60_000)
  }
  await show('visible', '1')
  expect(into.textContent).toBe('a,1')
  await show('hidden', '2')
  expect(sync.sockets).toBe(0)
  await show('hidden', '3')
  sync.object('red').todos('b')
  await show('visible', '4')
  expect(into.textContent).toBe('a,b,4')
  await act(async () => root.unmount())
  await pass(60_000)
  expect([sync.sockets, sync.listeners, vi.getTimerCount()]).toEqual([0, 0, 0])
})

test('a render that suspends for good leaves nothing behind', async () => {
  const sync = rooms()
  const root = createRoot(document.createElement('div'))
  const never = new Promise<void>(() => {})
  await act(async () =>
    root.render(
      <SyncProvider sync={sync} room="red">
        <Suspense fallback="…">
          <Todos after={never} />
        </Suspense>
      </SyncProvider>,
    ),
  )
  await pass(60_000)
  expect([sync.object('red').dialled, sync.listeners, vi.getTimerCount()]).toEqual([0, 0, 0])
  await act(async () => root.unmount())
})
