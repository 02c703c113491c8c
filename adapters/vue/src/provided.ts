import type { Provided } from '@durable-sync/core'
import { hasInjectionContext, type InjectionKey, inject, type Ref, shallowRef } from 'vue'

/** What `createSyncPlugin` and `provideSyncClient` provide. */
export const PROVIDED: InjectionKey<Readonly<Ref<Provided | undefined>>> = Symbol('durable-sync')

const NOTHING = shallowRef(undefined)

/** What the nearest of them hands down; undefined where there is none. */
export const useProvided = (): Readonly<Ref<Provided | undefined>> =>
  hasInjectionContext() ? inject(PROVIDED, NOTHING) : NOTHING
