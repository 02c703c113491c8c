import { doCollectionOptions, SyncClient, WebSocketTransport } from '@durable-sync/core'
import { createCollection } from '@tanstack/react-db'
import type { ChatApi } from '../../worker/chat/registry.ts'
import { here, me } from '../frame/here.ts'
import { loadMe, saveMe } from '../frame/me.ts'

// One client and one set of collections for the room in the address, made once and never by a component: they outlive every render.
export const client = new SyncClient<ChatApi>({
  transport: new WebSocketTransport({ url: `/sync/${here.room}?user=${me.id}` }),
  // You are asked to kill the server and start it again: nobody wants to wait half a minute to see what happens then.
  timings: { backoffCapMs: 3000 },
})
export const messages = createCollection(doCollectionOptions({ client, table: 'messages' }))
export const people = createCollection(doCollectionOptions({ client, table: 'people' }))

/** Gives me a name in this room, or a new one. Everything I ever wrote is signed with it. */
export function callMe(name: string): void {
  saveMe(here.seat, { ...me, name })
  const known = people.get(me.id)
  if (known?.name === name) return
  const write = known
    ? people.update(me.id, (person) => {
        person.name = name
      })
    : people.insert({ id: me.id, name })
  // A refused name falls back to the one before, which the page shows.
  write.isPersisted.promise.catch(() => {})
}

/** Introduces me to the room once it is known who is there already. */
export async function introduceMe(): Promise<void> {
  await people.preload()
  callMe(loadMe(here.seat).name)
}
