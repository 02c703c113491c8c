import { type Provided, providedBy, type SyncSource } from '@durable-sync/core'
import { getContext, setContext } from 'svelte'
import { type MaybeGetter, toValue } from './maybe-getter.ts'

const KEY = Symbol('durable-sync')

/**
 * Hands a `client`, or a `sync` and one of its rooms, to the hooks of the components below this one. It neither connects nor closes: the
 * application owns the client. A getter may name another client or room later, which moves every hook over at once. A `room` without a `sync`
 * is one of the provider's around it.
 * @throws ProtocolError `provider-missing`, when a hook asks, for a `room` where there is no `sync`.
 */
export function setSyncClient(source: MaybeGetter<SyncSource>): void {
  const around = useProvided()
  setContext<() => Provided>(KEY, () => providedBy(toValue(source), around()))
}

/** What the nearest `setSyncClient` hands down; undefined where there is none. */
export const useProvided = (): (() => Provided | undefined) => fromContext() ?? (() => undefined)

function fromContext(): (() => Provided) | undefined {
  try {
    return getContext(KEY)
  } catch {
    // Outside of a component, say in an effect root, a hook may still be handed its client.
    return undefined
  }
}
