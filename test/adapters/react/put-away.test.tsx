import { SyncProvider, useSyncedCollection } from '@durable-sync/react'
import { useLiveQuery } from '@tanstack/react-db'
import { Activity, act, StrictMode, Suspense, use, useState } from 'react'
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

test('a component that comes back without being rendered leaves others the rows that they show', async () => {
  const sync = rooms()
  const into = document.createElement('div')
  const root = createRoot(into)
  const shown: string[] = []
  const Other = ({ version }: { readonly version: number }) => {
    const todos = useSyncedCollection<TodoApi, 'todos'>({ table: 'todos' })
    const { data } = useLiveQuery({ query: (q) => q.from({ todo: todos }) })
    const text = data.map(({ title }) => title).join()
    shown.push(text)
    return <p data-version={version}>{text}</p>
  }
  // The same element each time, which React need not render again.
  const constant = <Todos />
  let change = (_inputs: { readonly mode: 'visible' | 'hidden'; readonly version: number }) => {}
  const Page = () => {
    const [{ mode, version }, set] = useState({ mode: 'visible' as 'visible' | 'hidden', version: 0 })
    change = set
    return (
      <SyncProvider sync={sync} room="red">
        <Activity mode={mode}>{constant}</Activity>
        {version > 0 && <Other version={version} />}
      </SyncProvider>
    )
  }
  const show = (mode: 'visible' | 'hidden', version: number) => act(async () => change({ mode, version }))
  await act(async () => root.render(<Page />))
  await pass(1_000)
  await show('hidden', 0)
  await pass(60_000)
  await show('hidden', 1)
  await pass(1_000)
  expect(shown.splice(0).at(-1)).toBe('a')
  const red = sync.object('red')
  red.passes = () => false
  for (const version of [2, 3, 4]) await show('visible', version)
  red.release()
  await pass(1_000)
  expect(new Set(shown)).toEqual(new Set(['a']))
  expect([...into.querySelectorAll('p')].map((p) => p.textContent)).toEqual(['a,', 'a'])
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
