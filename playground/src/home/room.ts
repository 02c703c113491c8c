import { createSync, doCollectionOptions, indexedDBStorage } from '@durable-sync/core'
import { createCollection } from '@tanstack/react-db'
import type { ChatApi } from '../../worker/chat/registry.ts'
import { thisDevice } from '../lab/device.ts'
import { messageIds } from '../lab/next-message-id.ts'
import { readWhere } from './where.ts'

const { room } = readWhere(location.search)
/** Who writes here. The lab has a client of its own beside the four of its panes. */
const { id: device, family } = thisDevice()
const robin = { id: `lab-bot-1-${device}`, name: `Robin ${family} (bot)` }

const client = createSync<ChatApi>({
  url: `/sync?user=${robin.id}`,
  storage: indexedDBStorage({ name: 'durable-sync-lab', user: robin.id }),
  settleOn: 'device',
  timings: { backoffCapMs: 3000 },
}).room(room)

export const ledger = createCollection(doCollectionOptions({ client, table: 'ledger' }))
export const people = createCollection(doCollectionOptions({ client, table: 'people' }))
/** To write into: without a live query, nothing of it is loaded. */
const messages = createCollection(doCollectionOptions({ client, table: 'messages', syncMode: 'on-demand' }))

const nextId = messageIds(robin.id, room)

/** Has Robin say something. */
export async function say(content: string): Promise<void> {
  await people.preload()
  if (!people.has(robin.id)) people.insert(robin)
  messages.insert({ id: nextId(), author: robin.id, content, created_at: Date.now() })
}
