import { ProtocolError } from '../errors.ts'
import { createReadable, type Readable } from '../status/readable.ts'
import type { ClientRoom } from './client-room.ts'
import { DeviceUse } from './device-use.ts'
import type { Environment } from './environment.ts'
import type { SyncClientOptions } from './sync-client.ts'
import type { EngineOptions } from './sync-engine.ts'

interface KeepingOf {
  readonly settleOn: 'server' | 'device'
  readonly kept: EngineOptions['kept']
  /** What is kept of the room. */
  readonly room: ClientRoom | undefined
  /** The room's name in the storage; empty where it has none. */
  readonly name: string
  readonly device: DeviceUse
  /** Whether what is kept has been read. */
  readonly knows: Readable<Knows>
}

export type Knows = 'nothing yet' | 'unreadable' | 'all'

/**
 * What the options of a client say about keeping.
 * @throws ProtocolError `settle-on-missing`, `settle-on-device`, `kept-as-missing`.
 */
export function keepingOf(options: SyncClientOptions, environment: Environment): KeepingOf {
  const { storage, schemaVersion = 1 } = options
  const settleOn = settlingOf(options)
  if (!storage) {
    return {
      settleOn,
      kept: undefined,
      room: undefined,
      name: options.keptAs?.room ?? '',
      device: new DeviceUse(environment),
      knows: createReadable<Knows>('all'),
    }
  }
  const keptAs = options.keptAs ?? placeOf(options, environment)
  if (!keptAs)
    throw new ProtocolError(
      'kept-as-missing',
      'The transport does not say where the object is; pass `keptAs: { endpoint, room }`',
    )
  const { user, keeping } = storage
  const { endpoint, room: name } = keptAs
  const device = storage.open(endpoint)
  const knows = createReadable<Knows>('nothing yet')
  const room = keeping.room({
    room: device.room(name),
    schemaVersion,
    migrate: options.migrateMutation,
    now: environment.now,
    report: environment.reportError,
    // It is handed on in the microtasks of this turn.
    loaded: () => void environment.after(0, () => knows.set('all')),
    unread: () => {
      if (knows.get() !== 'all') knows.set('unreadable')
    },
  })
  const among = JSON.stringify([storage.name, endpoint, user, name])
  const kept: EngineOptions['kept'] = {
    user,
    keep: (client) => keeping.client({ room, name: among, client }),
  }
  return { settleOn, kept, room, name, device: keeping.device(device, environment), knows }
}

/**
 * When a transaction is persisted.
 * @throws ProtocolError `settle-on-missing`, `settle-on-device`.
 */
export function settlingOf({
  storage,
  settleOn,
}: Pick<SyncClientOptions, 'storage' | 'settleOn'>): KeepingOf['settleOn'] {
  if (!storage && settleOn === 'device')
    throw new ProtocolError('settle-on-device', '`settleOn: "device"` needs a `storage` to settle on')
  if (storage && settleOn === undefined)
    throw new ProtocolError(
      'settle-on-missing',
      'With `storage`, say when `tx.isPersisted` resolves: `settleOn: "server"` as without storage, or "device"',
    )
  return settleOn ?? 'server'
}

/** Where the object is, as far as the transport says. */
export function placeOf(
  { transport }: Pick<SyncClientOptions, 'transport'>,
  environment: Environment,
): SyncClientOptions['keptAs'] {
  const { address } = transport
  if (address === undefined) return undefined
  // Where there is no page, nothing is kept: on a server.
  const { origin, pathname } = new URL(address, environment.location() ?? 'http://localhost')
  return { endpoint: origin, room: pathname }
}
