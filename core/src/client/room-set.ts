import type { DeviceStorage } from '../persistence/room-storage.ts'
import type { Readable } from '../status/readable.ts'
import { type AllFailedWrites, type AllPendingWrites, AllWrites } from './all-writes.ts'
import type { DeviceUse } from './device-use.ts'
import type { Environment } from './environment.ts'
import { type FlushSummary, flushRoom } from './flush-room.ts'
import type { LogoutOptions } from './logout.ts'
import type { StorageReadable } from './storage-status.ts'
import type { Sync } from './sync.ts'
import { insideOf, type SyncClient } from './sync-client.ts'
import { unsettledWrites } from './unsettled-writes.ts'

export interface RoomSetOptions<Api> {
  readonly make: (room: string) => SyncClient<Api>
  readonly device: DeviceStorage | undefined
  readonly use: DeviceUse
  readonly environment: Environment
}

/** What the user looks at comes first. */
const START_MS = 500
/** So many rooms are opened at once to be flushed. */
const AT_ONCE = 4

interface OpenRoom<Api> {
  readonly client: SyncClient<Api>
  readonly leave: () => void
}

/**
 * The rooms of one app. A client stays for as long as the page, and when nobody uses it only its socket goes: collections hold their
 * client, so that a second one of the same room would mean two sockets, and two queues over the same stored writes. Without a socket it
 * is an object without timers.
 */
export class RoomSet<Api> implements Sync<Api> {
  readonly pendingWrites: Readable<AllPendingWrites>
  readonly failedWrites: Readable<AllFailedWrites>
  readonly storage: StorageReadable
  readonly #options: RoomSetOptions<Api>
  readonly #rooms = new Map<string, OpenRoom<Api>>()
  readonly #writes: AllWrites
  readonly #use: DeviceUse
  #start: 'due' | 'done' = 'due'

  constructor(options: RoomSetOptions<Api>) {
    const { device, use, environment } = options
    this.#options = options
    this.#use = use
    this.#writes = new AllWrites({ device, environment, use })
    this.pendingWrites = this.#writes.pending
    this.failedWrites = this.#writes.failed
    this.storage = this.#use.status
  }

  readonly room = (name: string): SyncClient<Api> => {
    const known = this.#rooms.get(name)
    if (known && (!insideOf(known.client).isClosed || this.#use.isOver)) return known.client
    known?.leave()
    const client = this.#options.make(name)
    this.#rooms.set(name, { client, leave: this.#enter(client) })
    return client
  }

  readonly retain = (name: string): (() => void) => insideOf(this.room(name)).hold()

  readonly start = (): void => {
    const { device, environment } = this.#options
    if (this.#start === 'done' || this.#use.isOver || !device || environment.place === 'server') return
    this.#start = 'done'
    void this.flush()
  }

  readonly flush = async (): Promise<FlushSummary> => {
    const { device, environment } = this.#options
    if (environment.place === 'server') return { sent: 0, left: 0 }
    const queue = (await device?.queue()) ?? { writes: [], failed: [] }
    const rooms = new Map<string, Set<string>>()
    const insides = [...this.#rooms.values()].map(({ client }) => insideOf(client))
    const unsettled = this.#use.isOver ? [] : unsettledWrites(queue, insides)
    for (const { room, id } of unsettled) rooms.set(room, (rooms.get(room) ?? new Set()).add(id))
    const waiting = [...rooms]
    let left = 0
    const flushNext = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const [room, ids] = next
        left += await flushRoom(insideOf(this.room(room)), ids)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, flushNext))
    await this.#writes.refresh()
    return { sent: unsettled.length - left, left }
  }

  readonly logout = (options: LogoutOptions = {}): Promise<void> => this.#use.logout(options)

  #enter(client: SyncClient<Api>): () => void {
    const inside = insideOf(client)
    const leave = [this.#writes.add(inside)]
    // With storage it is there by itself.
    if (!this.#options.device) leave.push(this.#use.add(inside))
    if (this.#start === 'due' && this.#options.device) leave.push(this.#startAfter(client))
    return () => {
      for (const each of leave) each()
    }
  }

  /** Whoever reads what is kept is no server. */
  #startAfter(client: SyncClient<Api>): () => void {
    const cancel = insideOf(client).known.subscribe(() => {
      cancel()
      this.#options.environment.afterInBackground(START_MS, this.start)
    })
    return cancel
  }
}
