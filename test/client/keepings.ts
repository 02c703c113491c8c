import { memoryDevice } from '@durable-sync/core'
import type { LiveOptions } from './live-client.ts'

/** Ways to keep what must not be lost, and to say that it is: a behaviour holds under each of them. */
export const keepings: readonly (readonly [string, (user?: string) => LiveOptions])[] = [
  ['memory', () => ({})],
  ['device', (user = 'alice') => ({ storage: memoryDevice(user), settleOn: 'server' })],
  ['settled-on-device', (user = 'alice') => ({ storage: memoryDevice(user), settleOn: 'device' })],
]
