import { providedBy, type SyncSource } from '@durable-sync/core'
import { type App, computed, type MaybeRefOrGetter, provide, toValue } from 'vue'
import { PROVIDED, useProvided } from './provided.ts'

/**
 * For `app.use`: hands a `client`, or a `sync` and one of its rooms, to every component of the app. It neither connects nor closes: the application
 * owns the client. A getter or a ref may name another client or room later, which moves every component over at once.
 */
export function createSyncPlugin(source: MaybeRefOrGetter<SyncSource>) {
  const provided = computed(() => providedBy(toValue(source), undefined))
  return { install: (app: App) => void app.provide(PROVIDED, provided) }
}

/**
 * The same for the components below the one whose `setup` calls it. A `room` without a `sync` is one of the provider's around it.
 * @throws ProtocolError `provider-missing`, when a hook asks, for a `room` where there is no `sync`.
 */
export function provideSyncClient(source: MaybeRefOrGetter<SyncSource>): void {
  const around = useProvided()
  provide(
    PROVIDED,
    computed(() => providedBy(toValue(source), around.value)),
  )
}
