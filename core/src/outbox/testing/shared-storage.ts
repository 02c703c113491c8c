import { memoryDevice } from '../../persistence/memory-device.ts'
import type { RoomStorage } from '../../persistence/room-storage.ts'
import type { WriteKeeper } from '../write-keeper.ts'
import { roomWriteKeeper } from './room-write-keeper.ts'

/** The storage of a browser, whose transactions take as long as a test says, and fail when it says so. */
export class SharedStorage {
  readonly room: RoomStorage = memoryDevice().open('').room('room')
  /** The next transaction that is begun fails; `kept`: although it has happened. */
  failNext: 'no' | 'not kept' | 'kept' = 'no'
  readonly #begun: { readonly page: object; readonly end: () => Promise<void> }[] = []
  #turn: Promise<void> = Promise.resolve()

  /** How many transactions are under way. */
  get underWay(): number {
    return this.#begun.length
  }

  /** The oldest transaction ends. */
  async finish(): Promise<void> {
    const end = this.#begun.shift()?.end
    this.#turn = this.#turn.then(end)
    await this.#turn
  }

  /** A page has died. What it had begun happens before anybody reads, or not at all. */
  async died(page: object, begun: 'happens' | 'does not happen'): Promise<void> {
    const left = this.#begun.splice(0)
    this.#begun.push(...left.filter((each) => each.page !== page))
    if (begun === 'does not happen') return
    for (const { end } of left.filter((each) => each.page === page)) this.#turn = this.#turn.then(end)
    await this.#turn
  }

  keeper(page: object): WriteKeeper {
    const keeper = roomWriteKeeper(this.room)
    return {
      put: (...args) => this.#begin(page, () => keeper.put(...args)),
      mark: (...args) => this.#begin(page, () => keeper.mark(...args)),
      forget: (...args) => this.#begin(page, () => keeper.forget(...args)),
      dropFailed: (...args) => this.#begin(page, () => keeper.dropFailed(...args)),
    }
  }

  #begin<T>(page: object, run: () => Promise<T>): Promise<T> {
    const fails = this.failNext
    this.failNext = 'no'
    return new Promise((resolve, reject) => {
      const end = async () => {
        if (fails === 'not kept') return reject(new Error('full'))
        const value = await run()
        if (fails === 'kept') reject(new Error('nobody knows'))
        else resolve(value)
      }
      this.#begun.push({ page, end })
    })
  }
}
