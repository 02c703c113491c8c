import { ProtocolError } from '../errors.ts'
import type { Environment } from './environment.ts'
import type { SyncClientOptions } from './sync-client.ts'
import type { EngineOptions } from './sync-engine.ts'

interface Keeping {
  readonly settleOn: 'server' | 'device'
  readonly kept: EngineOptions['kept']
}

/**
 * What the options of a client say about keeping.
 * @throws ProtocolError `settle-on-missing`, `settle-on-device`, `kept-as-missing`.
 */
export function keepingOf(options: SyncClientOptions, environment: Environment): Keeping {
  const { storage, settleOn, keptAs = placeOf(options, environment) } = options
  if (!storage) {
    if (settleOn === 'device')
      throw new ProtocolError('settle-on-device', '`settleOn: "device"` needs a `storage` to settle on')
    return { settleOn: 'server', kept: undefined }
  }
  if (settleOn === undefined)
    throw new ProtocolError(
      'settle-on-missing',
      'With `storage`, say when `tx.isPersisted` resolves: `settleOn: "server"` as without storage, or "device"',
    )
  if (!keptAs)
    throw new ProtocolError(
      'kept-as-missing',
      'The transport does not say where the object is; pass `keptAs: { endpoint, room }`',
    )
  const { user } = storage
  const { endpoint, room } = keptAs
  const name = JSON.stringify([storage.name, endpoint, user, room])
  return { settleOn, kept: { room: storage.open(endpoint).room(room), user, name, tabs: 'together' } }
}

function placeOf({ transport }: SyncClientOptions, environment: Environment): SyncClientOptions['keptAs'] {
  const { address } = transport
  if (address === undefined) return undefined
  const { origin, pathname } = new URL(address, environment.location())
  return { endpoint: origin, room: pathname }
}
