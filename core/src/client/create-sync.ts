import { ProtocolError } from '../errors.ts'
import type { SyncObserver } from '../observer/sync-event.ts'
import type { SessionTimings } from '../session/session-timings.ts'
import { WebSocketTransport, type WebSocketTransportOptions } from '../transport/websocket-transport.ts'
import type { SyncApi } from '../wire/index.ts'
import type { QueuedCommands } from './command-gate.ts'
import { DeviceUse } from './device-use.ts'
import { asPage, defaultEnvironment, type Environment } from './environment.ts'
import { settlingOf } from './keeping-of.ts'
import type { MigrateMutation } from './migrate-mutation.ts'
import { RoomSet } from './room-set.ts'
import { type RoomUrl, urlOfRoom } from './room-url.ts'
import type { StorageFactory } from './storage-factory.ts'
import type { Sync } from './sync.ts'
import { SyncClient } from './sync-client.ts'

export interface CreateSyncOptions extends Omit<WebSocketTransportOptions, 'url'> {
  /**
   * Where the rooms are: `wss://…`, `https://…`, or relative to the page; `/<name>` is put behind the path. Or a function that returns the
   * address of a room, asked before every socket.
   */
  readonly url: RoomUrl
  /** Where rows and unsent writes of all rooms are kept beyond the page: `indexedDBStorage({ name, user })`. With it, say `settleOn`. */
  readonly storage?: StorageFactory
  /** As of `SyncClient`. */
  readonly settleOn?: 'server' | 'device'
  /** Under which name the storage keeps what belongs to this server. Default: `url`; needed where that is a function. */
  readonly endpoint?: string
  /** The socket of a room closes this long after nobody uses it any more, in milliseconds. Default 30,000. */
  readonly unusedAfterMs?: number
  /** Waiting times of the connections, in milliseconds. Each has its own default. */
  readonly timings?: Partial<Omit<SessionTimings, 'lingerMs'>>
  /** The version of the app's own schema, by which a later version of the app knows what it finds of unsent writes. Default 1. */
  readonly schemaVersion?: number
  /** Brings unsent writes of another `schemaVersion` up to date. Default: they are sent as they are. */
  readonly migrateMutation?: MigrateMutation
  /** As of `SyncClient`. */
  readonly queueCommands?: QueuedCommands
  /** Hears everything that the clients of all rooms do, as of `SyncClient`. */
  readonly observer?: SyncObserver
  /** The platform. Default: the browser's, or Node's. Only tests hand in their own. */
  readonly environment?: Environment
}

const UNUSED_AFTER_MS = 30_000

/**
 * The handle of an app with many rooms: `sync.room(name)` is the client of one. Making it touches nothing of the platform, so that it may
 * be made in the module scope of a page, a server or a Worker.
 * @throws ProtocolError `settle-on-missing`, `settle-on-device`, `kept-as-missing`: options that do not go together.
 */
export function createSync<Api = SyncApi>(options: CreateSyncOptions): Sync<Api> {
  const {
    url,
    storage,
    settleOn,
    endpoint = endpointOf(url),
    unusedAfterMs = UNUSED_AFTER_MS,
    ...rest
  } = options
  const { timings, schemaVersion, migrateMutation, queueCommands, observer, ...others } = rest
  const { environment = defaultEnvironment(), ...transport } = others
  // At once, and not when the first room is asked for.
  settlingOf(options)
  if (storage && endpoint === undefined)
    throw new ProtocolError('kept-as-missing', '`url` is a function: pass an `endpoint` to keep rooms under')
  // As the transports see it.
  const around = transport.WebSocket ? asPage(environment) : environment
  const device = storage?.open(endpoint ?? '', around.place)
  const make = (room: string) =>
    new SyncClient<Api>({
      transport: new WebSocketTransport({ ...transport, url: urlOfRoom(url, room) }),
      timings: { ...timings, lingerMs: unusedAfterMs },
      environment,
      keptAs: { endpoint: endpoint ?? '', room },
      // Not another one after the user has signed out of this.
      ...(storage && device ? { storage: { ...storage, open: () => device } } : {}),
      ...(settleOn === undefined ? {} : { settleOn }),
      ...(schemaVersion === undefined ? {} : { schemaVersion }),
      ...(migrateMutation === undefined ? {} : { migrateMutation }),
      ...(queueCommands === undefined ? {} : { queueCommands }),
      ...(observer === undefined ? {} : { observer }),
    })
  const use = storage && device ? storage.keeping.device(device, around) : new DeviceUse(around)
  return new RoomSet({ make, device, use, environment: around })
}

const endpointOf = (url: RoomUrl): string | undefined => (typeof url === 'string' ? url : undefined)
