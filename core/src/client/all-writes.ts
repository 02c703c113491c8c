import { FailedList } from '../outbox/failed-list.ts'
import type { DeviceStorage, StoredFailure, StoredQueue } from '../persistence/room-storage.ts'
import type { FailedWrite } from '../status/failed-writes.ts'
import { createReadable, deriveReadable, type Readable } from '../status/readable.ts'
import type { ClientInside } from './client-inside.ts'
import type { DeviceUse } from './device-use.ts'
import type { Cancel, Environment } from './environment.ts'
import { unsettledWrites } from './unsettled-writes.ts'

/** Writes of all rooms that the server has not confirmed yet. */
export interface AllPendingWrites {
  /** Mutations and commands, not rows. */
  readonly count: number
  /** When the oldest was made, in milliseconds since 1970; null when there is none. */
  readonly oldestAt: number | null
  /** How many, by the name of the room; rooms without any are left out. */
  readonly rooms: Readonly<Record<string, number>>
}

/** Failed writes of all rooms, until they are retried or discarded: `sync.room(item.room).retryFailed(item.id)`. */
export interface AllFailedWrites {
  readonly count: number
  readonly items: readonly (FailedWrite & { readonly room: string })[]
}

export const NO_WRITES_AT_ALL: AllPendingWrites = { count: 0, oldestAt: null, rooms: {} }
export const NO_FAILURES_AT_ALL: AllFailedWrites = { count: 0, items: [] }

/** Nobody tells this tab of the writes of others in rooms that are not open here: while somebody looks, the storage is asked again. */
const ASK_AGAIN_MS = 10_000

export interface AllWritesOptions {
  readonly device: DeviceStorage | undefined
  readonly environment: Environment
  readonly use: DeviceUse
}

/** What of all rooms is pending and what has failed, whether they are open or not. */
export class AllWrites {
  readonly pending: Readable<AllPendingWrites>
  readonly failed: Readable<AllFailedWrites>
  readonly #device: DeviceStorage | undefined
  readonly #environment: Environment
  readonly #use: DeviceUse
  readonly #clients = new Set<ClientInside>()
  /** Replaced when either may have changed. */
  readonly #changed = createReadable<object>({})
  #queue: StoredQueue = { writes: [], failed: [] }
  readonly #watchers = new Set<object>()
  #next: Cancel | undefined

  constructor({ device, environment, use }: AllWritesOptions) {
    this.#device = device
    this.#environment = environment
    this.#use = use
    use.status.subscribe(() => this.#changed.set({}))
    this.pending = this.#watched(deriveReadable(this.#changed, () => this.#pending()))
    this.failed = this.#watched(deriveReadable(this.#changed, () => this.#failed()))
  }

  /** `client` is asked from here on, until what is returned is called. */
  add(client: ClientInside): () => void {
    this.#clients.add(client)
    const { pending, failed } = client.engine.outbox
    const change = () => this.#changed.set({})
    const cancel = [pending, failed, client.known].map(({ subscribe }) => subscribe(change))
    change()
    return () => {
      for (const each of cancel) each()
      this.#clients.delete(client)
      change()
    }
  }

  /** Asks the storage. */
  async refresh(): Promise<void> {
    const queue = await this.#device?.queue()
    if (!queue || sameQueue(queue, this.#queue)) return
    this.#queue = queue
    this.#changed.set({})
  }

  #watched<T>({ get, subscribe }: Readable<T>): Readable<T> {
    return {
      get,
      subscribe: (onChange) => {
        if (this.#environment.place === 'server') return subscribe(onChange)
        const watcher = {}
        this.#watchers.add(watcher)
        if (this.#watchers.size === 1) this.#askAgain()
        const cancel = subscribe(onChange)
        return () => {
          cancel()
          this.#watchers.delete(watcher)
          if (this.#watchers.size === 0) this.#next?.()
        }
      },
    }
  }

  #askAgain(): void {
    void this.refresh()
    this.#next = this.#environment.afterInBackground(ASK_AGAIN_MS, () => this.#askAgain())
  }

  #pending(): AllPendingWrites {
    const writes = this.#use.isOver ? [] : unsettledWrites(this.#queue, this.#clients)
    if (writes.length === 0) return NO_WRITES_AT_ALL
    const rooms = new Map<string, number>()
    let oldestAt = Number.POSITIVE_INFINITY
    for (const { room, queuedAt } of writes) {
      rooms.set(room, (rooms.get(room) ?? 0) + 1)
      oldestAt = Math.min(oldestAt, queuedAt)
    }
    return { count: writes.length, oldestAt, rooms: Object.fromEntries(rooms) }
  }

  #failed(): AllFailedWrites {
    if (this.#use.isOver) return NO_FAILURES_AT_ALL
    const known = [...this.#clients].filter(({ knows }) => knows === 'all')
    const names = new Set(known.map(({ room }) => room))
    const stored = new Map<string, StoredFailure[]>()
    for (const failure of this.#queue.failed) {
      const { room } = failure
      if (!names.has(room)) stored.set(room, [...(stored.get(room) ?? []), failure])
    }
    const items = known.flatMap(({ room, engine }) =>
      engine.outbox.failed.get().items.map((item) => ({ ...item, room })),
    )
    for (const [room, failures] of stored) {
      const list = new FailedList()
      list.add(failures, this.#environment.now())
      items.push(...list.shown.get().items.map((item) => ({ ...item, room })))
    }
    if (items.length === 0) return NO_FAILURES_AT_ALL
    return { count: items.length, items: items.sort((a, b) => a.failedAt - b.failedAt) }
  }
}

const sameQueue = (a: StoredQueue, b: StoredQueue): boolean =>
  sameIds(a.writes, b.writes) && sameIds(a.failed, b.failed)

const sameIds = (a: readonly { readonly id: string }[], b: readonly { readonly id: string }[]): boolean =>
  a.length === b.length && a.every(({ id }, i) => id === b[i]?.id)
