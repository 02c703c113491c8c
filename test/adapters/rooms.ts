import { type OpenRequest, type Readable, SyncClient } from '@durable-sync/core'
import { ScriptedServer } from '../../core/src/client/testing/scripted-server.ts'
import { row, type TodoApi } from '../../core/src/client/testing/todo-room.ts'

/** An object in memory that counts the sockets to it. */
export class RoomObject extends ScriptedServer {
  /** How often somebody dialled. */
  dialled = 0
  /** Sockets that are open now. */
  readonly sockets = new Set<number>()

  override open(request: OpenRequest): void {
    this.dialled++
    this.sockets.add(request.socket)
    super.open(request)
  }

  override close(socket: number): void {
    this.sockets.delete(socket)
    super.close(socket)
  }

  /** Puts todos with these titles, and tells whoever listens. */
  todos(...titles: readonly string[]): void {
    for (const title of titles) this.put('todos', row(title))
    this.flush()
  }

  /** How many subscriptions were asked for, ever. */
  asked(): number {
    return this.heard.filter(({ type }) => type === 'join').length
  }
}

interface Room {
  readonly object: RoomObject
  readonly client: SyncClient<TodoApi>
  readonly listeners: () => number
}

/** An app's rooms, what `createSync` would be, over objects in memory. */
export class Rooms {
  readonly #rooms = new Map<string, Room>()

  readonly room = (name: string): SyncClient<TodoApi> => this.#open(name).client

  object(name: string): RoomObject {
    return this.#open(name).object
  }

  /** Sockets that are open, in all rooms. */
  get sockets(): number {
    return this.#sum(({ object }) => object.sockets.size)
  }

  /** Who listens to what the hooks show, in all rooms. */
  get listeners(): number {
    return this.#sum(({ listeners }) => listeners())
  }

  async close(): Promise<void> {
    for (const { client } of this.#rooms.values()) await client.close()
  }

  #sum(of: (room: Room) => number): number {
    return [...this.#rooms.values()].reduce((sum, room) => sum + of(room), 0)
  }

  #open(name: string): Room {
    const known = this.#rooms.get(name)
    if (known) return known
    const object = new RoomObject()
    object.kinds.todos = { done: 'boolean' }
    const timings = { firstWindowMs: 1, backoffBaseMs: 1, backoffCapMs: 2, lingerMs: 50 }
    const client = new SyncClient<TodoApi>({ transport: object, timings })
    const counts = [
      counted(client, 'status'),
      counted(client, 'pendingWrites'),
      counted(client, 'failedWrites'),
    ]
    const made = { object, client, listeners: () => counts.reduce((sum, count) => sum + count(), 0) }
    this.#rooms.set(name, made)
    return made
  }
}

/** Counts the subscriptions to one of a client's readables. */
function counted(
  client: SyncClient<TodoApi>,
  name: 'status' | 'pendingWrites' | 'failedWrites',
): () => number {
  const { get, subscribe }: Readable<unknown> = client[name]
  const listeners = new Set<object>()
  const listen = (onChange: () => void) => {
    const listener = {}
    const stop = subscribe(onChange)
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
      stop()
    }
  }
  Object.assign(client, { [name]: { get, subscribe: listen } })
  return () => listeners.size
}
