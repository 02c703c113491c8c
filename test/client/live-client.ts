import {
  doCollectionOptions,
  type SessionTimings,
  type StorageFactory,
  SyncClient,
  type SyncClientOptions,
  WebSocketTransport,
  type WebSocketTransportOptions,
} from '@durable-sync/core'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { defaultEnvironment, type Environment } from '../../core/src/client/environment.ts'
import type { World } from '../support/world.ts'
import type { FixtureApi } from '../worker/registry.ts'
import type { Claims } from '../worker/rows.ts'
import { DialGate } from './dial-gate.ts'
import { newestTanStack, type TanStack } from './tanstack-versions.ts'

export interface LiveOptions {
  /** Default: alice. Null: nobody. */
  readonly claims?: Claims | null
  /** The port of a proxy. Default: the world's own. */
  readonly port?: number
  /** Default: the newest version. */
  readonly db?: TanStack
  readonly timings?: Partial<SessionTimings>
  readonly environment?: Partial<Environment>
  /** Keeps what belongs to a room under its name. */
  readonly storage?: StorageFactory
  /** Default with storage: `device`. */
  readonly settleOn?: SyncClientOptions['settleOn']
  /** From the beginning. Default: nobody waits. */
  readonly gate?: 'shut'
  readonly getToken?: WebSocketTransportOptions['getToken']
  /** The whole address, in place of that of the room. */
  readonly url?: string
}

interface Persisting {
  readonly isPersisted: { readonly promise: Promise<unknown> }
}

/** The jitter is a fiftieth of its full width: a lost connection is made again within milliseconds, and yet later. */
const QUICK = 0.02

/**
 * The real client of a fixture room, over a real socket, with a collection for every table; each is mounted when it is first used. It is
 * closed with the test, which fails when anything was reported that nobody expected.
 */
export function openClient(world: World, room: string, options: LiveOptions = {}) {
  const { db = newestTanStack } = options
  const claims =
    options.claims === undefined && !options.getToken ? { userId: 'alice' } : (options.claims ?? null)
  const gate = new DialGate()
  if (options.gate === 'shut') gate.shut()
  const reported: unknown[] = []
  const address = options.url ?? world.url(room, claims, options.port)
  const transport = new WebSocketTransport({
    url: async () => {
      await gate.pass()
      return address
    },
    WebSocket,
    // The fixture reads claims in the place of a token.
    ...(options.getToken ? { getToken: options.getToken, tokenParam: 'claims' } : {}),
  })
  const client = new SyncClient<FixtureApi>({
    transport,
    ...(options.storage
      ? {
          storage: options.storage,
          settleOn: options.settleOn ?? 'device',
          keptAs: { endpoint: 'test', room },
        }
      : {}),
    // Every loss is the first one: no test waits for a grown delay that it did not ask for.
    timings: { stableMs: 0, ...options.timings },
    environment: {
      ...defaultEnvironment(),
      random: () => QUICK,
      reportError: (error) => reported.push(error),
      ...options.environment,
    },
  })
  onTestFinished(async () => {
    gate.admit()
    await client.close()
    if (reported.length > 0) throw new Error('the client reported an error', { cause: reported[0] })
  })
  const settleOn = options.storage ? (options.settleOn ?? 'device') : 'server'
  return {
    client,
    transport,
    /** The transaction has ended, and is shown or rolled back: rejects as it is refused. */
    confirmed: (tx: Persisting): Promise<unknown> =>
      settleOn === 'device' ? client.whenConfirmed(tx) : tx.isPersisted.promise,
    gate,
    reported,
    messages: db.createCollection(doCollectionOptions({ client, table: 'messages' })),
    todos: db.createCollection(doCollectionOptions({ client, table: 'todos' })),
    notes: db.createCollection(doCollectionOptions({ client, table: 'notes' })),
    comments: db.createCollection(doCollectionOptions({ client, table: 'comments' })),
    samples: db.createCollection(doCollectionOptions({ client, table: 'samples' })),
    jobs: db.createCollection(doCollectionOptions({ client, table: 'jobs' })),
    traces: db.createCollection(doCollectionOptions({ client, table: 'traces' })),
  }
}

export type LiveClient = ReturnType<typeof openClient>
