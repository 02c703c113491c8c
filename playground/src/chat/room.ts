import { doCollectionOptions, SyncClient } from '@durable-sync/core'
import { createCollection } from '@tanstack/react-db'
import type { ChatApi } from '../../worker/chat/registry.ts'
import { storage } from '../frame/device.ts'
import { here, me } from '../frame/here.ts'
import { loadMe, personCalled, saveMe } from '../frame/me.ts'
import { pageTransport } from '../line/page-transport.ts'

export const transport = pageTransport(`/sync/${here.room}?user=${me.id}`)
// One client and one set of collections for the room in the address, made once and never by a component: they outlive every render.
export const client = new SyncClient<ChatApi>({
  transport,
  storage,
  settleOn: 'device',
  // You are asked to kill the server and start it again: nobody wants to wait half a minute to see what happens then.
  timings: { backoffCapMs: 3000 },
})
export const messages = createCollection(doCollectionOptions({ client, table: 'messages' }))
export const people = createCollection(doCollectionOptions({ client, table: 'people' }))
/** A row while my next message will be refused, because I asked for it. */
export const refusals = createCollection(
  doCollectionOptions({ client, table: 'refusals', where: { id: me.id } }),
)

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
  // A refused name falls back to the one before, which the page shows, and is listed with what else was refused.
  write.isPersisted.promise.catch(() => {})
}

/** Introduces me to the room once it is known who is there already. */
export async function introduceMe(): Promise<void> {
  try {
    await people.preload()
    callMe(loadMe(here.seat).name)
  } catch {
    // It never was known: somebody else has signed in before the room had answered.
  }
}

/**
 * Leaves this browser to somebody else. My rows are forgotten; what I wrote and could not send is kept until I am back.
 * @throws ProtocolError `unsent-writes` when this browser keeps nothing, by rejecting.
 */
export async function signInAs(name: string): Promise<void> {
  await client.logout({ pending: 'keep' })
  saveMe(here.seat, personCalled(name))
  location.reload()
}
