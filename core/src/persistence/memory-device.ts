import { KEEPING } from '../client/keeping.ts'
import type { StorageFactory } from '../client/storage-factory.ts'
import { createReadable } from '../status/readable.ts'
import type { Position } from '../wire/index.ts'
import { KnownQueue } from './known-queue.ts'
import { withoutLeaving } from './leaving-writes.ts'
import {
  type Committed,
  type DeviceStorage,
  type Revision,
  type RoomChange,
  type RoomStorage,
  revisedId,
  type ShapeHeader,
  type ShapeRows,
  type StoredPass,
  type StoredQueue,
  type StoredRoom,
} from './room-storage.ts'
import { decodeSegment, encodeSegments } from './segments.ts'
import { ShapeFold } from './shape-fold.ts'
import { StorageClosed } from './storage-closed.ts'
import type { Purge } from './storage-health.ts'
import { purgedHealth, type StorageHealth } from './storage-health.ts'

/** Keeps everything in memory, by the same laws: as long as the factory, over any number of clients that come and go. */
export function memoryDevice(user = ''): StorageFactory {
  const devices = new Map<string, { readonly store: Store; readonly device: MemoryDevice }>()
  return {
    name: '',
    user,
    keeping: KEEPING,
    open: (endpoint) => {
      const known = devices.get(endpoint)
      const open = known?.device.health.get().is === 'closed' ? undefined : known?.device
      const store: Store = known?.store ?? { rooms: new Map(), places: { next: 1, of: new Map() } }
      const device = open ?? new MemoryDevice(store)
      devices.set(endpoint, { store, device })
      return device
    },
  }
}

/** What outlives a device that is closed. */
interface Store {
  readonly rooms: Map<string, MemoryRoom>
  readonly places: Places
}

/** Of all writes of the device. */
interface Places {
  next: number
  readonly of: Map<string, number>
}

class MemoryDevice implements DeviceStorage {
  readonly health = createReadable<StorageHealth>({ is: 'memory', why: 'absent', cause: undefined })
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  room(name: string): RoomStorage {
    const { rooms, places } = this.#store
    const room = rooms.get(name) ?? new MemoryRoom(name, places)
    rooms.set(name, room)
    return room
  }

  async queue(): Promise<StoredQueue> {
    const queues = [...this.#store.rooms.values()].map(({ kept }) => kept)
    return {
      writes: queues.flatMap(({ writes }) => writes).sort((a, b) => a.ord - b.ord),
      failed: queues.flatMap(({ failed }) => failed),
    }
  }

  async leftBehind() {
    return []
  }

  async purge(what: Purge = 'everything'): Promise<void> {
    const { rooms } = this.#store
    for (const [name, room] of rooms) rooms.set(name, room.leave(what))
    this.health.set(purgedHealth(what))
  }

  async close(): Promise<void> {}
}

interface KeptShape {
  readonly header: ShapeHeader
  readonly fold: ShapeFold
  boundary: ShapeRows['boundary']
  position: Position
  usedAt: number
  follows: 'on' | 'adrift'
}

class MemoryRoom implements RoomStorage {
  readonly #name: string
  #phase: 'open' | 'left' = 'open'
  readonly #queue: KnownQueue
  /** Places of all writes of the device. */
  readonly #ords: Places
  readonly #shapes = new Map<string, KeptShape>()

  constructor(name: string, ords: Places) {
    this.#name = name
    this.#queue = new KnownQueue(name)
    this.#ords = ords
  }

  get kept(): StoredQueue {
    return this.#queue.queue
  }

  /** Keeps nothing from here on. Returns the room in which what is not purged is kept. */
  leave(what: Purge): MemoryRoom {
    const next = new MemoryRoom(this.#name, this.#ords)
    if (what === 'rows' || what === 'nothing') {
      const { writes, failed } = this.kept
      next.#queue.apply([{ putWrites: writes, putFailed: failed }], this.#ords.of)
    }
    if (what === 'writes' || what === 'nothing')
      for (const [key, shape] of this.#shapes) next.#shapes.set(key, shape)
    this.#queue.forget()
    this.#shapes.clear()
    this.#phase = 'left'
    return next
  }

  async load(): Promise<StoredRoom> {
    this.#check()
    const shapes = [...this.#shapes.values()].map(({ header, fold, boundary, position, usedAt }) => {
      const blocks = encodeSegments(fold.rows()).map(decodeSegment)
      return { ...header, boundary, position, usedAt, blocks }
    })
    // Where it was left is where it goes on.
    for (const shape of this.#shapes.values()) shape.follows = 'on'
    return { ...this.kept, shapes }
  }

  async queue(): Promise<StoredQueue> {
    this.#check()
    return this.kept
  }

  async commit(change: RoomChange): Promise<Committed> {
    this.#check()
    const adrift = new Set<string>()
    for (const rows of change.replace ?? []) this.#replace(rows)
    for (const pass of change.passes ?? []) this.#pass(pass, adrift)
    for (const key of change.dropShapes ?? []) this.#shapes.delete(key)
    for (const { id } of change.putWrites ?? []) {
      if (!this.#ords.of.has(id)) this.#ords.of.set(id, this.#ords.next++)
    }
    const queued = withoutLeaving([change], [...adrift])
    const ords = this.#queue.apply(queued, this.#ords.of)
    for (const id of queued.flatMap(({ deleteWrites = [] }) => deleteWrites)) this.#ords.of.delete(id)
    return { ords, adrift: [...adrift] }
  }

  async revise(revisions: readonly Revision[]): Promise<ReadonlySet<string>> {
    this.#check()
    return new Set(this.#queue.revise(revisions).map(revisedId))
  }

  hold(): void {}

  async close(): Promise<void> {}

  #check(): void {
    if (this.#phase === 'left') throw new StorageClosed()
  }

  #replace({ at, boundary, blocks, ...header }: ShapeRows): void {
    const fold = new ShapeFold(header)
    fold.apply(blocks, at)
    fold.endAt(boundary)
    const usedAt = Date.now()
    this.#shapes.set(header.key, { header, fold, boundary, position: at, usedAt, follows: 'on' })
  }

  #pass({ from, to, shapes }: StoredPass, adrift: Set<string>): void {
    for (const { key, blocks, boundary } of shapes) {
      const shape = this.#shapes.get(key)
      if (shape?.follows !== 'on' || shape.position !== from) {
        adrift.add(key)
        if (shape) shape.follows = 'adrift'
        continue
      }
      shape.fold.apply(blocks, to)
      shape.fold.endAt(boundary)
      if (boundary !== undefined) shape.boundary = boundary
      shape.position = to
    }
  }
}
