import { type CreateSyncOptions, createSync, doCollectionOptions } from '@durable-sync/core'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { defaultEnvironment, type Environment } from '../../core/src/client/environment.ts'
import type { World } from '../support/world.ts'
import type { FixtureApi } from '../worker/registry.ts'
import type { Claims } from '../worker/rows.ts'
import { DialGate } from './dial-gate.ts'
import { newestTanStack } from './tanstack-versions.ts'

export interface LiveSyncOptions extends Partial<Omit<CreateSyncOptions, 'url' | 'environment'>> {
  /** Default: alice. */
  readonly claims?: Claims
  /** From the beginning. Default: nobody waits. */
  readonly gate?: 'shut'
  readonly environment?: Partial<Environment>
}

/** `createSync` over the rooms of a fixture, as one page has it. It ends with the test, which fails when something was reported. */
export function openSync(world: World, { claims = { userId: 'alice' }, gate, ...options }: LiveSyncOptions) {
  const dials = new DialGate()
  if (gate === 'shut') dials.shut()
  const reported: unknown[] = []
  /** The rooms whose sockets were dialled. */
  const dialled: string[] = []
  let page: 'open' | 'left' = 'open'
  const { afterInBackground, ...platform } = defaultEnvironment()
  const sync = createSync<FixtureApi>({
    endpoint: 'test',
    WebSocket,
    ...(options.storage ? { settleOn: 'device' } : {}),
    ...options,
    url: async (room) => {
      await dials.pass()
      dialled.push(room)
      return world.url(room, claims)
    },
    timings: { stableMs: 0, ...options.timings },
    environment: {
      ...platform,
      // What a page has put off goes with it: else it would soon send what the next page of the device has kept.
      afterInBackground: (ms, run) => afterInBackground(ms, () => page === 'open' && run()),
      random: () => 0.02,
      reportError: (error) => reported.push(error),
      ...options.environment,
    },
  })
  const used = new Set<string>()
  /** The page ends: what is kept stays. */
  const leave = async () => {
    page = 'left'
    await Promise.all([...used].map((room) => sync.room(room).close()))
    used.clear()
  }
  onTestFinished(async () => {
    dials.admit()
    await leave()
    if (reported.length > 0) throw new Error('something was reported', { cause: reported[0] })
  })
  const notes = (room: string) => {
    used.add(room)
    return newestTanStack.createCollection(doCollectionOptions({ client: sync.room(room), table: 'notes' }))
  }
  return { sync, gate: dials, dialled, reported, leave, notes }
}
