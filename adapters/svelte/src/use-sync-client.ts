import {
  type AnySyncClient,
  type ClientRef,
  nearestClient,
  type RegisteredApi,
  type SyncClient,
} from '@durable-sync/core'
import type { Current } from './current.ts'
import { type MaybeGetter, toValue } from './maybe-getter.ts'
import { useProvided } from './sync-context.ts'

const FIX = 'call setSyncClient({ client }) in a component around this one'

/**
 * The client that the nearest `setSyncClient` hands down, the one of a `room` of its `sync`, or the client that is given. Its commands are those of
 * the registered contract, or of the one that is named: `useSyncClient<Api>().current.call`.
 * @throws ProtocolError `provider-missing`, when it is read and there is none.
 */
export function useSyncClient<Api = RegisteredApi>(
  room?: MaybeGetter<ClientRef<SyncClient<Api>> | undefined>,
): Current<SyncClient<Api>>
/** A client of whatever contract. */
export function useSyncClient(room: MaybeGetter<ClientRef | undefined>): Current<AnySyncClient>
export function useSyncClient(room?: MaybeGetter<ClientRef | undefined>): Current<AnySyncClient> {
  const provided = useProvided()
  return {
    get current() {
      return nearestClient(toValue(room), provided(), FIX)
    },
  }
}
