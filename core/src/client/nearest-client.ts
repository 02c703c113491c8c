import { ProtocolError } from '../errors.ts'
import type { SyncClient } from './sync-client.ts'

/** A client, whatever the contract of its object. */
export type AnySyncClient = Omit<SyncClient, 'call'>

/** A `createSync`, whatever the contract of its rooms. */
export interface AnySync {
  readonly room: (name: string) => AnySyncClient
}

/** What a provider is given: one client, or rooms. All of it is made by the application, outside of any component. */
export type SyncSource =
  | { readonly client: AnySyncClient; readonly sync?: undefined; readonly room?: undefined }
  | {
      readonly client?: undefined
      /** What `createSync` has made. Default: that of the provider around this one. */
      readonly sync?: AnySync | undefined
      /** The room of hooks that name none. */
      readonly room?: string | undefined
    }

/** Which client a hook means: one, or that of a room of the nearest provider's `sync`, by its name. */
export type ClientRef<Client = AnySyncClient> = Client | string

/** What a provider hands to the hooks below it. */
export interface Provided {
  readonly client: AnySyncClient | undefined
  readonly sync: AnySync | undefined
}

/**
 * What a provider hands down, of what it is given and of the provider around it.
 * @throws ProtocolError `provider-missing` for a room without a `sync`; `room-invalid`
 */
export function providedBy({ client, sync, room }: SyncSource, around: Provided | undefined): Provided {
  const rooms = sync ?? around?.sync
  if (client || room === undefined) return { client, sync: rooms }
  return { client: roomOf(rooms, room), sync: rooms }
}

/**
 * The client that a hook means.
 * @param fix What to do when there is none, in the words of the framework.
 * @throws ProtocolError `provider-missing`; `room-invalid`
 */
export function nearestClient(
  ref: ClientRef | undefined,
  provided: Provided | undefined,
  fix: string,
): AnySyncClient {
  if (typeof ref === 'string') return roomOf(provided?.sync, ref)
  const client = ref ?? provided?.client
  if (client) return client
  throw new ProtocolError(
    'provider-missing',
    provided?.sync
      ? 'The provider has a `sync` and no `room`: give it one, or name one to the hook'
      : `No sync client: ${fix}, or hand the client to the hook`,
  )
}

function roomOf(sync: AnySync | undefined, room: string): AnySyncClient {
  if (sync) return sync.room(room)
  throw new ProtocolError(
    'provider-missing',
    `No provider has a \`sync\` that would know room "${room}": hand it what \`createSync\` returns`,
  )
}
