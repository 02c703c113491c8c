import type { SyncSource } from '@durable-sync/core'
import type { Component, Snippet } from 'svelte'

/** Hands a `client`, or a `sync` and one of its rooms, to the hooks of the components inside: `setSyncClient` as a component. */
declare const SyncProvider: Component<SyncSource & { children?: Snippet }>
export default SyncProvider
