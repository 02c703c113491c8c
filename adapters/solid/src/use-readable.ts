import type { Readable } from '@durable-sync/core'
import { type Accessor, createEffect, createMemo, createSignal, onCleanup, sharedConfig } from 'solid-js'

/**
 * The value of a readable. `onServer` is rendered on the server and while hydrating: a constant, because what the client has learned before
 * Solid hydrates is not what the server rendered. A server subscribes to nothing: nobody would unsubscribe there.
 */
export function useReadable<T>(readable: Accessor<Readable<T>>, onServer: T): Accessor<T> {
  const [change, changed] = createSignal<void>(undefined, { equals: false })
  // There while a server renders, and while its page is hydrated.
  const [asServer, setAsServer] = createSignal(sharedConfig.context != null)
  createEffect(() => {
    onCleanup(readable().subscribe(changed))
    setAsServer(false)
    changed()
  })
  return createMemo(() => {
    change()
    return asServer() ? onServer : readable().get()
  })
}
