// @vitest-environment jsdom
import { afterEach, expect, test, vi } from 'vitest'
import { AuthError } from '../errors.ts'
import type { SyncEvent } from '../observer/sync-event.ts'

const OF = { at: 1, client: { endpoint: 'wss://x', room: 'lobby' } }
const tab: SyncEvent = { ...OF, type: 'tab', role: 'leader' }

afterEach(() => {
  vi.unstubAllEnvs()
  vi.useRealTimers()
})

/** The devtools of the page, as the event client finds them: what has reached them. */
function bus(): unknown[] {
  const heard: unknown[] = []
  window.addEventListener('tanstack-connect', () =>
    window.dispatchEvent(new CustomEvent('tanstack-connect-success')),
  )
  window.addEventListener(
    'tanstack-dispatch-event',
    (event) => void heard.push((event as CustomEvent).detail),
  )
  return heard
}

test('every event reaches TanStack Devtools in development, as JSON, and the other observer as it is', async () => {
  // It is read when the event client is loaded.
  vi.stubEnv('NODE_ENV', 'development')
  const { devtoolsObserver } = await import('./devtools-observer.ts')
  const heard = bus()
  const also = vi.fn()
  const observer = devtoolsObserver(also)
  const cause = new AuthError('unauthorized', 'no')
  const needsAuth: SyncEvent = { ...OF, type: 'status', status: { state: 'needs-auth', cause } }
  const health = { is: 'full', cause: new Error('no room') } as const
  const full: SyncEvent = { ...OF, type: 'storage', status: { health, persisted: true } }
  for (const event of [tab, needsAuth, full]) observer(event)
  const said = (payload: unknown) => ({ type: 'durable-sync:event', pluginId: 'durable-sync', payload })
  const expected = [
    tab,
    {
      ...needsAuth,
      status: {
        state: 'needs-auth',
        cause: { name: 'AuthError', code: 'unauthorized', message: cause.message },
      },
    },
    { ...full, status: { health: { is: 'full', cause: 'Error: no room' }, persisted: true } },
  ].map(said)
  expect(heard).toEqual(expected)
  expect(JSON.parse(JSON.stringify(heard))).toEqual(expected)
  expect(also.mock.calls).toEqual([[tab], [needsAuth], [full]])
})

test('an observer beside it that throws does not keep the event from the devtools', async () => {
  vi.stubEnv('NODE_ENV', 'development')
  const { devtoolsObserver } = await import('./devtools-observer.ts')
  const heard = bus()
  const observer = devtoolsObserver(() => {
    throw new Error('mine')
  })
  expect(() => observer(tab)).toThrow('mine')
  expect(heard).toHaveLength(1)
})
