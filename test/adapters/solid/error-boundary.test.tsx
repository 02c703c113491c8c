/** @jsxImportSource solid-js */
import type { ProtocolError } from '@durable-sync/core'
import { SyncProvider, useConnectionStatus, useSyncedCollection } from '@durable-sync/solid'
import { createSignal, ErrorBoundary, type JSX } from 'solid-js'
import { render } from 'solid-js/web'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Todo, type TodoApi, todo } from '../../../core/src/client/testing/todo-room.ts'
import { Rooms } from '../rooms.ts'

const Status = () => {
  const status = useConnectionStatus()
  return <b>{status().state}</b>
}

/** A filter that no other call can be known to mean. */
const Unnamed = () => {
  const where = ({ title }: Todo) => title === todo('a').title
  const todos = useSyncedCollection<TodoApi, 'todos'>(() => ({ table: 'todos', where }) as never)
  return <b>{todos().size}</b>
}

let rooms: Rooms
const into = document.createElement('div')
let dispose = () => {}
let tryAgain = () => {}

const show = (children: () => JSX.Element) => {
  const fallback = (error: ProtocolError, reset: () => void) => {
    tryAgain = reset
    return <i>{error.code}</i>
  }
  dispose = render(() => <ErrorBoundary fallback={fallback}>{children()}</ErrorBoundary>, into)
}

beforeEach(() => {
  vi.useFakeTimers()
  rooms = new Rooms()
})
afterEach(async () => {
  dispose()
  await rooms.close()
  vi.useRealTimers()
})

test('an ErrorBoundary is told that there is no provider, and of no error that comes of it', () => {
  show(() => <Status />)
  expect(into.textContent).toBe('provider-missing')
})

test('an ErrorBoundary is told that a filter needs an id', () => {
  show(() => (
    <SyncProvider sync={rooms} room="red">
      <Unnamed />
    </SyncProvider>
  ))
  expect(into.textContent).toBe('collection-id-missing')
})

test('an ErrorBoundary is told what is wrong with a provider', () => {
  show(() => (
    <SyncProvider room="red">
      <Status />
    </SyncProvider>
  ))
  expect(into.textContent).toBe('provider-missing')
})

test('what was wrong at first is right as soon as it is tried again', () => {
  const [room, setRoom] = createSignal<string>()
  show(() => (
    <SyncProvider sync={rooms} room={room()}>
      <Status />
    </SyncProvider>
  ))
  expect(into.textContent).toBe('provider-missing')
  setRoom('red')
  tryAgain()
  expect(into.textContent).toBe('idle')
})
