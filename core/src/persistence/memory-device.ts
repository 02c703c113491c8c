import { createReadable } from '../status/readable.ts'
import type { Position } from '../wire/index.ts'
import { KnownQueue } from './known-queue.ts'
import type {
  Committed,
  DeviceStorage,
  RoomChange,
  RoomStorage,
  ShapeHeader,
  ShapeRows,
  StorageFactory,
  StoredPass,
  StoredQueue,
  StoredRoom,
} from './room-storage.ts'
import { decodeSegment, encodeSegments } from './segments.ts'
import { ShapeFold } from './shape-fold.ts'
import type { StorageHealth } from './storage-health.ts'

/** Keeps everything in memory, by the same laws: as long as the factory, over any number of clients that come and go. */
export function memoryDevice(user = ''): StorageFactory {
  const devices = new Map<string, DeviceStorage>()
  return {
    name: '',
    user,
    open: (endpoint) => {
      const device = devices.get(endpoint) ?? new MemoryDevice()
      devices.set(endpoint, device)
      return device
    },
  }
}

/** Of all writes of the device. */
interface Places {
  next: number
  readonly of: Map<string, number>
}

class MemoryDevice implements DeviceStorage {
  readonly health = createReadable<StorageHealth>({ is: 'memory', why: 'absent', cause: undefined })
  readonly #rooms = new Map<string, MemoryRoom>()
  readonly #ords: Places = { next: 1, of: new Map() }

  room(name: string): RoomStorage {
    const room = this.#rooms.get(name) ?? new MemoryRoom(name, this.#ords)
    this.#rooms.set(name, room)
    return room
  }

  async queue(): Promise<StoredQueue> {
    const queues = [...this.#rooms.values()].map(({ queue }) => queue)
    return {
      writes: queues.flatMap(({ writes }) => writes).sort((a, b) => a.ord - b.ord),
      failed: queues.flatMap(({ failed }) => failed),
    }
  }

  async leftBehind() {
    return []
  }

  async purge(): Promise<void> {
    this.#rooms.clear()
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
  readonly #queue: KnownQueue
  /** Places of all writes of the device. */
  readonly #ords: Places
  readonly #shapes = new Map<string, KeptShape>()

  constructor(name: string, ords: Places) {
    this.#queue = new KnownQueue(name)
    this.#ords = ords
  }

  get queue(): StoredQueue {
    return this.#queue.queue
  }

  async load(): Promise<StoredRoom> {
    const shapes = [...this.#shapes.values()].map(({ header, fold, boundary, position, usedAt }) => {
      const blocks = encodeSegments(fold.rows()).map(decodeSegment)
      return { ...header, boundary, position, usedAt, blocks }
    })
    // Where it was left is where it goes on.
    for (const shape of this.#shapes.values()) shape.follows = 'on'
    return { ...this.queue, shapes }
  }

  async commit(change: RoomChange): Promise<Committed> {
    const adrift = new Set<string>()
    for (const rows of change.replace ?? []) this.#replace(rows)
    for (const pass of change.passes ?? []) this.#pass(pass, adrift)
    for (const key of change.dropShapes ?? []) this.#shapes.delete(key)
    for (const { id } of change.putWrites ?? []) {
      if (!this.#ords.of.has(id)) this.#ords.of.set(id, this.#ords.next++)
    }
    const ords = this.#queue.apply([change], this.#ords.of)
    for (const id of change.deleteWrites ?? []) this.#ords.of.delete(id)
    return { ords, adrift: [...adrift] }
  }

  hold(): void {}

  async close(): Promise<void> {}

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
