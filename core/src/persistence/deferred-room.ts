import { ForgetfulRoom, NOTHING_KNOWN } from './forgetful-room.ts'
import type { Committed, Revision, RoomChange, RoomStorage, StoredQueue, StoredRoom } from './room-storage.ts'

export interface DeferredRoomOptions {
  /** The room, once there is code for it. Rejects while that cannot be had. */
  readonly open: () => Promise<RoomStorage>
  /** Resolves to whether that is so in time. */
  readonly inTime: () => Promise<boolean>
}

/** A room of a `DeferredDevice`. Nothing is opened before it is used. */
export class DeferredRoom implements RoomStorage {
  readonly #options: DeferredRoomOptions
  #room: Promise<RoomStorage> | undefined
  #held: readonly string[] = []
  #phase: 'open' | 'closed' = 'open'

  constructor(options: DeferredRoomOptions) {
    this.#options = options
  }

  load(): Promise<StoredRoom> {
    return this.#read((room) => room.load())
  }

  queue(): Promise<StoredQueue> {
    return this.#read((room) => room.queue())
  }

  async commit(change: RoomChange): Promise<Committed> {
    return (await this.#opened()).commit(change)
  }

  async revise(revisions: readonly Revision[]): Promise<ReadonlySet<string>> {
    return (await this.#opened()).revise(revisions)
  }

  hold(keys: Iterable<string>): void {
    const held = [...keys]
    this.#held = held
    void this.#opened().then((room) => room.hold(held))
  }

  /**
   * There is code for it after all: what was written without it is kept, before anything else is done. Not where it is closed, nor where there is no
   * room for it: whoever wrote was told that nothing is kept.
   */
  carry(): void {
    if (this.#phase === 'closed') return
    this.#room = this.#room?.then(async (room) => {
      if (!(room instanceof ForgetfulRoom)) return room
      const opened = await this.#options.open()
      opened.hold(this.#held)
      await opened.commit(room.owed).catch(() => {
        // The page still has it. What comes now must not fail with it.
      })
      return opened
    })
  }

  async close(): Promise<void> {
    this.#phase = 'closed'
    await (await this.#room)?.close()
  }

  /** Also where the answer is not waited for any more: it comes before what is asked from here on. */
  async #read<T extends StoredQueue>(read: (room: RoomStorage) => Promise<T>) {
    const answer = this.#opened().then(read)
    answer.catch(() => {
      // Whoever waits for it hears of it.
    })
    return (await this.#options.inTime()) ? answer : NOTHING_KNOWN
  }

  #opened(): Promise<RoomStorage> {
    this.#room ??= this.#options.open().catch(() => new ForgetfulRoom())
    return this.#room
  }
}
