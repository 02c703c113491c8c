import {
  type AnySyncClient,
  type ClientRef,
  nearestClient,
  type RegisteredApi,
  type SyncClient,
} from '@durable-sync/core'
import { type ComputedRef, computed, type MaybeRefOrGetter, toRaw, toValue } from 'vue'
import { useProvided } from './provided.ts'

const FIX =
  'app.use(createSyncPlugin({ client })), or call provideSyncClient({ client }) in a component around this one'

/**
 * The client that the nearest provider hands down, the one of a `room` of its `sync`, or the client that is given. Its commands are those of the
 * registered contract, or of the one that is named: `useSyncClient<Api>().value.call`.
 * @throws ProtocolError `provider-missing` when there is none.
 */
export function useSyncClient<Api = RegisteredApi>(
  room?: MaybeRefOrGetter<ClientRef<SyncClient<Api>> | undefined>,
): ComputedRef<SyncClient<Api>>
/** A client of whatever contract. */
export function useSyncClient(room: MaybeRefOrGetter<ClientRef | undefined>): ComputedRef<AnySyncClient>
export function useSyncClient(room?: MaybeRefOrGetter<ClientRef | undefined>): ComputedRef<AnySyncClient> {
  const provided = useProvided()
  // A client in a deep ref, here or of the provider, is a proxy of it, which nobody knows.
  const client = computed(() => toRaw(nearestClient(toValue(room), provided.value, FIX)))
  // A component without a client fails here, and not in each of its effects.
  void client.value
  return client
}
