import { indexedDBStorage } from '@durable-sync/core'
import { me } from './here.ts'

/** What this browser keeps for me, of all rooms: rows, and what I wrote that is not sent yet. Somebody else has another database. */
export const storage = indexedDBStorage({ name: 'durable-sync-playground', user: me.id })
