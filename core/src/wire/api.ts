/**
 * The contract between an object and its clients, as types only. A registry on the server accumulates one; a client is typed by
 * `typeof registry` and imports nothing of it at run time.
 */
export interface SyncApi {
  readonly collections: Readonly<Record<string, CollectionContract>>
  readonly commands: Readonly<Record<string, CommandContract>>
}

export interface CollectionContract {
  /** The row as the application sees it, column kinds applied. */
  readonly row: object
  /** The name of the key column. */
  readonly key: string
}

export interface CommandContract {
  readonly args: unknown
  readonly result: unknown
}

/** What carries a contract: `SyncRegistry` does. The property is never set. */
export interface HasSyncApi<Api extends SyncApi = SyncApi> {
  readonly '~api'?: Api
}

/** The contract of a registry, of `typeof registry`, or of a contract itself. */
export type SyncApiOf<T> = T extends HasSyncApi<infer Api> ? Api : T extends SyncApi ? T : SyncApi
