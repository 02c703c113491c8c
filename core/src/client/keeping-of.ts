import { ProtocolError } from '../errors.ts'
import { createReadable } from '../status/readable.ts'
import type { ClientKeeping } from './client-keeping.ts'
import { DeviceUse } from './device-use.ts'
import type { Environment } from './environment.ts'
import type { Knows } from './knows.ts'
import type { SyncClientOptions } from './sync-client-options.ts'

/**
 * What the options of a client say about keeping.
 * @throws ProtocolError `kept-as-missing`.
 */
export function keepingOf(options: SyncClientOptions, environment: Environment): ClientKeeping {
  const { storage } = options
  if (!storage) {
    return {
      kept: undefined,
      room: undefined,
      name: options.keptAs?.room ?? '',
      device: new DeviceUse(environment),
      knows: createReadable<Knows>('all'),
    }
  }
  const keptAs = options.keptAs ?? placeOf(options, environment)
  if (keptAs) return storage.keeping.client({ ...options, storage, keptAs, environment })
  throw new ProtocolError(
    'kept-as-missing',
    'The transport does not say where the object is; pass `keptAs: { endpoint, room }`',
  )
}

/**
 * When a transaction is persisted.
 * @throws ProtocolError `settle-on-missing`, `settle-on-device`.
 */
export function settlingOf({
  storage,
  settleOn,
}: Pick<SyncClientOptions, 'storage' | 'settleOn'>): 'server' | 'device' {
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
