import type { StorageFactory } from '../../../core/src/client/storage-factory.ts'
import { memoryDevice } from '../../../core/src/persistence/memory-device.ts'
import type { DeviceStorage, RoomStorage } from '../../../core/src/persistence/room-storage.ts'

type Task = () => Promise<void>

/** A device that outlives pages. Whatever it does waits until it is told to, in order; a page that is killed takes its own along. */
export class SlowDevice {
  readonly #kept = memoryDevice('me')
  #tasks: { readonly page: object; readonly run: Task }[] = []

  get isBusy(): boolean {
    return this.#tasks.length > 0
  }

  /** What a page opens. */
  storage(page: object): StorageFactory {
    return {
      ...this.#kept,
      open: (endpoint) => {
        const device = this.#kept.open(endpoint)
        const room = (name: string) => this.#slow(page, device.room(name))
        return { ...device, health: device.health, room } as unknown as DeviceStorage
      },
    }
  }

  /** Does the next. Returns whether there was one. */
  async move(): Promise<boolean> {
    const next = this.#tasks.shift()
    await next?.run()
    return next !== undefined
  }

  /** The page is gone: what it has asked for does not happen any more. */
  kill(page: object): void {
    this.#tasks = this.#tasks.filter((task) => task.page !== page)
  }

  #slow(page: object, room: RoomStorage): RoomStorage {
    const later = <T>(run: () => Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        this.#tasks.push({ page, run: () => run().then(resolve, reject) })
      })
    return {
      load: () => later(() => room.load()),
      commit: (change) => later(() => room.commit(change)),
      revise: (revision) => later(() => room.revise(revision)),
      queue: () => later(() => room.queue()),
      hold: (keys) => room.hold(keys),
      close: () => later(() => room.close()),
    }
  }
}
