import { createCollection } from '@tanstack/db'
import { SyncClient } from '../../client/sync-client.ts'
import type { SyncClientOptions } from '../../client/sync-client-options.ts'
import { ScriptedServer } from '../../client/testing/scripted-server.ts'
import { row, type TodoApi } from '../../client/testing/todo-room.ts'
import { doCollectionOptions } from '../../collection/do-collection-options.ts'
import type { SyncEvent } from '../sync-event.ts'

export const ROOM = { endpoint: 'wss://x', room: 'lobby' }

/** What an event says beside when it was and of whom. */
export const saidBy = ({ at: _at, client: _client, ...said }: SyncEvent) => said

/** The events of one type, in order. */
export const eventsOf = <T extends SyncEvent['type']>(events: readonly SyncEvent[], type: T) =>
  events.filter((event): event is Extract<SyncEvent, { type: T }> => event.type === type)

/** A scripted object with two todos, a client of it that reconnects at once, and what its observer heard. */
export function observedRoom(options: Partial<SyncClientOptions> = {}) {
  const server = new ScriptedServer()
  server.kinds.todos = { done: 'boolean' }
  server.put('todos', row('a'))
  server.put('todos', row('b'))
  const events: SyncEvent[] = []
  const client = new SyncClient<TodoApi>({
    transport: server,
    keptAs: ROOM,
    timings: { firstWindowMs: 1, backoffBaseMs: 1, backoffCapMs: 2, lingerMs: 50 },
    observer: (event) => void events.push(event),
    ...options,
  })
  const todos = createCollection(doCollectionOptions({ client, table: 'todos' }))
  const of = <T extends SyncEvent['type']>(type: T) => eventsOf(events, type)
  return { server, client, todos, events, of }
}
