import { memoryDevice } from '../../persistence/memory-device.ts'
import type { RoomStorage } from '../../persistence/room-storage.ts'
import { roomWriteKeeper } from '../room-write-keeper.ts'
import type { WriteKeeper } from '../write-keeper.ts'

/** The storage of a browser, whose transactions take as long as a test says, and fail when it says so. */
export class SharedStorage {
  readonly room: RoomStorage = memoryDevice().open('').room('room')
  /** The next transaction that is begun fails; `kept`: although it has happened. */
  failNext: 'no' | 'not kept' | 'kept' = 'no'
  readonly #begun: (() => Promise<void>)[] = []
  #turn: Promise<void> = Promise.resolve()

  /** How many transactions are under way. */
  get underWay(): number {
    return this.#begun.length
  }

  /** The oldest transaction ends. */
  async finish(): Promise<void> {
    const end = this.#begun.shift()
    this.#turn = this.#turn.then(end)
    await this.#turn
  }

  /** What a page uses that may die: what it began before ends, and what it hears then nobody sees. */
  keeper(): WriteKeeper {
    const keeper = roomWriteKeeper(this.room)
    return {
      put: (...args) => this.#begin(() => keeper.put(...args)),
      mark: (...args) => this.#begin(() => keeper.mark(...args)),
      forget: (...args) => this.#begin(() => keeper.forget(...args)),
      dropFailed: (...args) => this.#begin(() => keeper.dropFailed(...args)),
    }
  }

  #begin<T>(run: () => Promise<T>): Promise<T> {
    const fails = this.failNext
    this.failNext = 'no'
    return new Promise((resolve, reject) => {
      this.#begun.push(async () => {
        if (fails === 'not kept') return reject(new Error('full'))
        const value = await run()
        if (fails === 'kept') reject(new Error('nobody knows'))
        else resolve(value)
      })
    })
  }
}
