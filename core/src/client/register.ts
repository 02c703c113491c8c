import type { SyncApi } from '../wire/index.ts'

/**
 * Where an app says once what its objects offer, so that hooks know tables and rows by name:
 * `declare module '@durable-sync/core' { interface Register { api: typeof registry } }`
 */
// biome-ignore lint/suspicious/noEmptyInterface: apps add to it
export interface Register {}

/** What the app has registered; any table and any command where it has not. */
export type RegisteredApi = Register extends { readonly api: infer Api } ? Api : SyncApi
