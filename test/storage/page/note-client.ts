import { SyncClient } from '../../../core/src/client/sync-client.ts'
import { indexedDBStorage } from '../../../core/src/persistence/indexeddb-storage.ts'
import { WebSocketTransport } from '../../../core/src/transport/websocket-transport.ts'

export interface NoteClientOptions {
  readonly url: string
  readonly format: number
  /** `shut`: it never dials. */
  readonly gate: 'open' | 'shut'
  /** How long its database may take to open. */
  readonly openMs?: number
}

/** A whole client over the storage, which writes notes as a transaction would. */
export function noteClient({ url, format, gate, openMs = 20_000 }: NoteClientOptions) {
  const client = new SyncClient({
    transport: new WebSocketTransport({ url: gate === 'open' ? url : () => new Promise(() => {}) }),
    storage: indexedDBStorage({ name: 'app', user: 'alice', format, timings: { openMs } }),
    settleOn: 'device',
    keptAs: { endpoint: 'test', room: 'room' },
  })
  const write = (id: string, title: string) => {
    const row = { id, slug: id, title }
    const collection = { utils: { client, table: 'notes' } }
    const mutation = {
      type: 'insert',
      key: id,
      original: {},
      modified: row,
      changes: row,
      collection,
    } as const
    const transaction = { mutations: [mutation], isPersisted: { promise: new Promise<never>(() => {}) } }
    return client.mutationFn({ transaction })
  }
  return { client, write, pending: client.pendingWrites, close: () => client.close() }
}
