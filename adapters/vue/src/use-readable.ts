import type { Readable } from '@durable-sync/core'
import {
  type ComputedRef,
  computed,
  getCurrentInstance,
  type MaybeRefOrGetter,
  shallowRef,
  toValue,
  triggerRef,
  watchPostEffect,
} from 'vue'

/** On a server, and in a component that takes over what a server has rendered: both must render the same. */
const rendersAsServer = () => typeof document === 'undefined' || getCurrentInstance()?.vnode.el != null

/**
 * The value of a readable. `onServer` is rendered on the server and while hydrating: a constant, because what the client has learned before Vue
 * hydrates is not what the server rendered. It subscribes when the component is mounted, and not on a server, where nobody would unsubscribe.
 */
export function useReadable<T>(readable: MaybeRefOrGetter<Readable<T>>, onServer: T): ComputedRef<T> {
  const change = shallowRef()
  const asServer = shallowRef(rendersAsServer())
  watchPostEffect((onCleanup) => {
    const changed = () => triggerRef(change)
    onCleanup(toValue(readable).subscribe(changed))
    asServer.value = false
    changed()
  })
  return computed(() => {
    void change.value
    return asServer.value ? onServer : toValue(readable).get()
  })
}
