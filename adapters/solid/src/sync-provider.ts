import { type Provided, providedBy, type SyncSource } from '@durable-sync/core'
import { type Accessor, createComponent, createContext, type JSX, useContext } from 'solid-js'
import { createCheckedMemo } from './create-checked-memo.ts'

/** What the nearest provider hands down; undefined outside of one. */
export const SyncClientContext = createContext<Accessor<Provided | undefined>>(() => undefined)

export type SyncProviderProps = SyncSource & { readonly children?: JSX.Element }

/**
 * Hands a `client`, or a `sync` and one of its rooms, to the hooks below it. It neither connects nor closes: the application owns the client.
 * Another client or room moves every hook over at once.
 * @throws ProtocolError `provider-missing` for a `room` where there is no `sync`.
 */
export function SyncProvider(props: SyncProviderProps): JSX.Element {
  const around = useContext(SyncClientContext)
  const value = createCheckedMemo(() => providedBy(props, around()))
  return createComponent(SyncClientContext.Provider, {
    value,
    get children() {
      return props.children
    },
  })
}
