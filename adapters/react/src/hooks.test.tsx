import type { AnySyncClient, ConnectionStatus, PendingWrites, StorageStatus } from '@durable-sync/core'
import {
  ConnectionError,
  NO_FAILED_WRITES,
  NO_PENDING_WRITES,
  SyncClient,
  WebSocketTransport,
} from '@durable-sync/core'
import { act, type ReactNode, StrictMode } from 'react'
import { createRoot, hydrateRoot, type Root } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, beforeEach, expect, expectTypeOf, test, vi } from 'vitest'
import { SyncProvider, useConnectionStatus, usePendingWrites, useSyncClient } from './index.ts'

/** What core makes its readables of, as far as a hook can tell. */
function createReadable<T>(initial: T) {
  let value = initial
  const listeners = new Set<() => void>()
  const set = (next: T) => {
    value = next
    for (const listener of [...listeners]) listener()
  }
  const subscribe = (onChange: () => void) => {
    const listener = () => onChange()
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  return { get: () => value, set, subscribe, listeners: () => listeners.size }
}

const ONE_PENDING: PendingWrites = { count: 1, oldestAt: 5, items: [] }
const LOST: ConnectionStatus = {
  state: 'disconnected',
  attempt: 2,
  cause: new ConnectionError('socket-closed', 'The socket closed'),
}

/** A client whose status and pending writes a test sets. No hook may act on it. */
function fakeClient(status: ConnectionStatus = { state: 'idle' }) {
  const state = createReadable(status)
  const pending = createReadable(NO_PENDING_WRITES)
  const fail = () => {
    throw new Error('a hook acted on the client')
  }
  const client: AnySyncClient = {
    status: state,
    pendingWrites: pending,
    failedWrites: createReadable(NO_FAILED_WRITES),
    tab: createReadable<'alone'>('alone'),
    storage: {
      ...createReadable<StorageStatus>({ health: { is: 'idle' }, persisted: 'unknown' }),
      usage: fail,
    },
    mutationFn: fail,
    whenConfirmed: fail,
    whenStored: fail,
    retryFailed: fail,
    discardFailed: fail,
    discardPending: fail,
    resume: fail,
    logout: fail,
    close: fail,
    hydrate: fail,
  }
  const listeners = () => state.listeners() + pending.listeners()
  return { client, setStatus: state.set, setPending: pending.set, listeners }
}

function Facts({ client }: { readonly client?: AnySyncClient }) {
  const status = useConnectionStatus(client)
  const { count } = usePendingWrites(client)
  return `${status.state} ${count}`
}

let container: HTMLElement
let root: Root | undefined

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true)
  container = document.createElement('div')
})
afterEach(async () => {
  await act(async () => root?.unmount())
  root = undefined
  vi.unstubAllGlobals()
})

async function show(node: ReactNode) {
  root ??= createRoot(container)
  await act(async () => root?.render(<StrictMode>{node}</StrictMode>))
}

test('the hooks follow the client of the nearest provider', async () => {
  const outer = fakeClient({ state: 'connecting', attempt: 1 })
  const inner = fakeClient({ state: 'connected', since: 1 })
  await show(
    <SyncProvider client={outer.client}>
      <SyncProvider client={inner.client}>
        <Facts />
      </SyncProvider>
    </SyncProvider>,
  )
  expect(container.textContent).toBe('connected 0')
  await act(async () => inner.setStatus(LOST))
  await act(async () => inner.setPending(ONE_PENDING))
  expect(container.textContent).toBe('disconnected 1')
})

test('a client that is handed to a hook wins over the provider', async () => {
  const provided = fakeClient()
  const given = fakeClient(LOST)
  await show(
    <SyncProvider client={provided.client}>
      <Facts client={given.client} />
    </SyncProvider>,
  )
  expect(container.textContent).toBe('disconnected 0')
})

test('a provider with another client moves every hook over and lets go of the old one', async () => {
  const first = fakeClient(LOST)
  const second = fakeClient({ state: 'connected', since: 1 })
  await show(
    <SyncProvider client={first.client}>
      <Facts />
    </SyncProvider>,
  )
  await show(
    <SyncProvider client={second.client}>
      <Facts />
    </SyncProvider>,
  )
  expect(container.textContent).toBe('connected 0')
  expect(first.listeners()).toBe(0)
})

test('unmounting under StrictMode leaves no listener behind', async () => {
  const fake = fakeClient()
  await show(
    <SyncProvider client={fake.client}>
      <Facts />
    </SyncProvider>,
  )
  expect(fake.listeners()).toBe(2)
  await show(null)
  expect(fake.listeners()).toBe(0)
})

test('a change between render and subscription is seen', async () => {
  const fake = fakeClient({ state: 'connecting', attempt: 1 })
  function ChangesWhileRendering() {
    const { state } = useConnectionStatus(fake.client)
    queueMicrotask(() => fake.setStatus(LOST))
    return state
  }
  await show(<ChangesWhileRendering />)
  expect(container.textContent).toBe('disconnected')
})

test('the server renders constants, subscribes to nothing, and hydrates without a mismatch', async () => {
  const fake = fakeClient({ state: 'connected', since: 1 })
  fake.setPending(ONE_PENDING)
  const page = (
    <SyncProvider client={fake.client}>
      <Facts />
    </SyncProvider>
  )
  const html = renderToString(page)
  expect(html).toBe('idle 0')
  expect(fake.listeners()).toBe(0)

  container.innerHTML = html
  const mismatch = vi.fn()
  await act(async () => {
    root = hydrateRoot(container, page, { onRecoverableError: mismatch })
  })
  expect(mismatch).not.toHaveBeenCalled()
  expect(container.textContent).toBe('connected 1')
})

test('without a provider the error names the fix', () => {
  const render = () => renderToString(<Facts />)
  expect(render).toThrow(/SyncProvider client=\{client\}/)
  expect(render).toThrow(expect.objectContaining({ name: 'ProtocolError', code: 'provider-missing' }))
})

test('useSyncClient hands out the provided client itself, with the contract it is asked for', async () => {
  interface Api {
    readonly collections: Readonly<Record<never, never>>
    readonly commands: {
      readonly clear: { readonly args: { readonly before: number }; readonly result: number }
    }
  }
  const WebSocket = vi.fn()
  const client = new SyncClient<Api>({
    transport: new WebSocketTransport({ url: 'ws://localhost/sync/room', WebSocket }),
  })
  let seen: unknown
  function Caller() {
    const found = useSyncClient<Api>()
    expectTypeOf(found.call.clear).toEqualTypeOf<(args: { readonly before: number }) => Promise<number>>()
    expectTypeOf(useSyncClient(client)).toEqualTypeOf<SyncClient<Api>>()
    seen = found
    return null
  }
  await show(
    <SyncProvider client={client}>
      <Caller />
    </SyncProvider>,
  )
  expect(seen).toBe(client)
  expect(WebSocket).not.toHaveBeenCalled()
})
