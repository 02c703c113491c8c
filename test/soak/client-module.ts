/** What the clients of the soak are made of, bundled anew for every way in which a rule of theirs is switched off. */
export { defaultEnvironment } from '../../core/src/client/environment.ts'
export { doCollectionOptions, SyncClient, WebSocketTransport } from '../../core/src/index.ts'
