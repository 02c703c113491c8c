import { openRoom, type Todo } from '../../client/testing/todo-room.ts'
import type { SyncRun, SyncSurface } from '../collection-options-shape.ts'
import { doCollectionOptions } from '../do-collection-options.ts'
import type { ExpressionLike, SubsetRequest } from '../expression-like.ts'

const clients: { close(): Promise<void> }[] = []

/** Closes the clients of all runs. */
export async function closeAll(): Promise<void> {
  await Promise.all(clients.splice(0).map((client) => client.close()))
}

export const ref = (column: string): ExpressionLike => ({ type: 'ref', path: [column] })
export const titled = (title: string): ExpressionLike => ({
  type: 'func',
  name: 'eq',
  args: [ref('title'), { type: 'val', value: title }],
})
export const first = (limit: number, offset = 0): SubsetRequest => ({
  orderBy: [
    { expression: ref('title'), compareOptions: { direction: 'asc', nulls: 'first', stringSort: 'lexical' } },
  ],
  limit,
  offset,
})

/** The library's sync run alone, over a collection that is a map. */
export function run(overrides: { readonly getKey?: (todo: Todo) => string } = {}) {
  const { server, client } = openRoom()
  clients.push(client)
  const options = doCollectionOptions({ client, table: 'todos', syncMode: 'on-demand', ...overrides })
  const rows = new Map<string, Todo>()
  const commits: number[] = []
  /** How many rows there were after each commit. */
  const sizes: number[] = []
  let writes = 0
  let receipt: unknown = true
  let listener = () => {}
  const surface: SyncSurface<Todo> = {
    collection: { get: () => undefined },
    begin: () => {
      writes = 0
    },
    write: (message) => {
      writes++
      if (message.type === 'delete') rows.delete(message.key)
      else rows.set(message.value.id, message.value)
    },
    commit: () => {
      commits.push(writes)
      sizes.push(rows.size)
      listener()
      return receipt
    },
    markReady: () => {},
    markError: () => {},
  }
  const sync: SyncRun = options.sync.sync(surface)
  const load = (request: SubsetRequest) => sync.loadSubset?.(request) ?? true
  const unload = (request: SubsetRequest) => sync.unloadSubset?.(request)
  const joins = () => server.heard.filter(({ type }) => type === 'join').length
  return {
    server,
    client,
    rows,
    commits,
    sizes,
    load,
    unload,
    joins,
    cleanup: sync.cleanup,
    stats: options.utils.stats,
    phase: () => options.utils.syncState.get().phase,
    /** Called in every commit, as the listeners of a collection are. */
    listen: (next: () => void) => {
      listener = next
    },
    hold: (next: unknown) => {
      receipt = next
    },
  }
}
