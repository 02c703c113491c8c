import { doCollectionOptions } from '../../collection/do-collection-options.ts'
import type { PushFrame, PushItem, ServerFrame } from '../../wire/index.ts'
import { SyncClient } from '../sync-client.ts'
import { ScriptedServer } from './scripted-server.ts'

export interface Todo {
  id: string
  title: string
  done: boolean
}

export interface TodoApi {
  readonly collections: {
    readonly todos: { readonly row: Todo; readonly key: 'id' }
    readonly notes: { readonly row: { id: string; text: string }; readonly key: 'id' }
  }
  readonly commands: {
    readonly clear: { readonly args: { before: number }; readonly result: number }
    readonly touch: { readonly args: undefined; readonly result: undefined }
  }
}

/** A todo as the application sees it. */
export const todo = (id: string, title = id): Todo => ({ id, title, done: false })
/** The same as it is stored. */
export const row = (id: string, title = id) => ({ id, title, done: 0 })

/** A scripted object with todos and notes, and a client of it that reconnects at once. */
export function openRoom() {
  const server = new ScriptedServer()
  server.kinds.todos = { done: 'boolean' }
  const timings = { firstWindowMs: 1, backoffBaseMs: 1, backoffCapMs: 2, lingerMs: 50 }
  const client = new SyncClient<TodoApi>({ transport: server, timings })
  return {
    server,
    client,
    todoOptions: doCollectionOptions({ client, table: 'todos' }),
    noteOptions: doCollectionOptions({ client, table: 'notes' }),
  }
}

/** How a promise ended: `'ok'`, or the error. */
export const ending = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'ok',
    (error: unknown) => error,
  )

/** The pushes that reached the server. */
export const pushesTo = ({ heard }: ScriptedServer): readonly PushFrame[] =>
  heard.filter((frame): frame is PushFrame => frame.type === 'push')

/** The items of all of them. */
export const itemsTo = (server: ScriptedServer): readonly PushItem[] =>
  pushesTo(server).flatMap(({ items }) => items)

/** A live frame with receipts. */
export const isReceipt = (frame: ServerFrame): boolean =>
  frame.type === 'changes' && frame.settled !== undefined && !frame.live
