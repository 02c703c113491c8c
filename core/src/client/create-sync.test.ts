import { afterEach, expect, test, vi } from 'vitest'
import { indexedDBStorage } from '../persistence/indexeddb-storage.ts'
import { memoryDevice } from '../persistence/memory-device.ts'
import { createSync } from './create-sync.ts'

afterEach(() => vi.unstubAllGlobals())

const failing = (options: Parameters<typeof createSync>[0]) => {
  try {
    createSync(options)
    return undefined
  } catch (error) {
    return error
  }
}

test('options that do not go together are refused at once, and not when the first room is asked for', () => {
  const storage = memoryDevice()
  expect(failing({ url: '/sync', storage })).toMatchObject({ code: 'settle-on-missing' })
  expect(failing({ url: '/sync', settleOn: 'device' })).toMatchObject({ code: 'settle-on-device' })
  expect(failing({ url: (room) => room, storage, settleOn: 'server' })).toMatchObject({
    code: 'kept-as-missing',
  })
  expect(failing({ url: (room) => room, endpoint: 'x', storage, settleOn: 'server' })).toBeUndefined()
  expect(failing({ url: '/sync', settleOn: 'server' })).toBeUndefined()
})

test('nothing of the platform is touched by making it, its rooms and what they show', async () => {
  const touched: string[] = []
  const platformCrypto = globalThis.crypto
  const guard = (name: string) =>
    vi.stubGlobal(
      name,
      new Proxy(
        {},
        {
          get: (_, property) => {
            // These say where it runs, and may be read anywhere.
            if (property !== 'userAgent' && property !== 'product')
              touched.push(`${name}.${String(property)}`)
            return undefined
          },
        },
      ),
    )
  guard('crypto')
  for (const name of ['indexedDB', 'navigator', 'location', 'BroadcastChannel']) guard(name)
  const timers = vi.spyOn(globalThis, 'setTimeout')
  const storage = indexedDBStorage({ name: 'app', user: 'ada' })
  const sync = createSync({ url: '/sync', storage, settleOn: 'device' })
  expect(touched).toEqual([])
  // A client has an id of its own from the beginning.
  vi.stubGlobal('crypto', platformCrypto)
  const { status, pendingWrites, failedWrites } = sync.room('a')
  for (const shown of [
    status,
    pendingWrites,
    failedWrites,
    sync.pendingWrites,
    sync.failedWrites,
    sync.storage,
  ])
    shown.get()
  await Promise.resolve()
  expect(touched).toEqual([])
  expect(timers).not.toHaveBeenCalled()
  expect(sync.storage.get()).toEqual({ health: { is: 'idle' }, persisted: 'unknown' })
})
