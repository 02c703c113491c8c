// The contract of an object as a browser project sees it: lib DOM, no Workers types, library files checked. It must compile alone.
import { doCollectionOptions, SyncClient, WebSocketTransport } from '@durable-sync/core'
import { SyncRegistry } from '@durable-sync/server/registry'
import { createCollection } from '@tanstack/db'

interface Message {
  id: string
  author: string
}

export const registry = new SyncRegistry<{ userId: string }, unknown, { messages: Message }>()
  .defineCollection({ table: 'messages', pk: 'id' })
  .defineMutation({ collection: 'messages', type: 'insert', writable: ['author'] })
  .defineCommand({ name: 'clear', execute: () => 3 })
export type Api = typeof registry

const client = new SyncClient<Api>({ transport: new WebSocketTransport({ url: 'wss://example.com/sync/1' }) })
const messages = createCollection(doCollectionOptions({ client, table: 'messages' }))
messages.insert({ id: 'a', author: 'b' })
export const cleared: Promise<number> = client.call.clear()
export const author: string | undefined = messages.get('a')?.author
