import type { NewFailure, StoredFailure, StoredWrite } from '../persistence/room-storage.ts'
import type { FailedWrites } from '../status/failed-writes.ts'
import type { Readable } from '../status/readable.ts'
import type { Entry, WriteNumber } from './entry.ts'
import { FailedList, isTrace } from './failed-list.ts'
import { ForgetQueue, type Forgotten } from './forget-queue.ts'
import { newFailure } from './new-failure.ts'
import type { Ending, Mark, Settled } from './outbox-event.ts'
import { newWriteOf } from './stored-entry.ts'
import type { WriteKeeper } from './write-keeper.ts'
import { DISCARDED } from './write-result.ts'

/** What became of what was handed to the storage. */
export interface KeptListener {
  stored(entries: readonly Entry[], ords: ReadonlyMap<string, number>): void
  unstored(message: string, ids: readonly string[]): void
  marked(marks: readonly Mark[]): void
  unmarked(marks: readonly Mark[]): void
  forgotten(numbers: readonly WriteNumber[]): void
}

export interface KeptSurroundings {
  readonly now: () => number
  readonly keeper: WriteKeeper
  /** The app's schema under which writes are made. */
  readonly schemaVersion: number
  readonly report: (error: unknown) => void
}

/** What of the outbox is in the storage: its writes and their marks, and the failed writes. */
export class KeptWrites {
  readonly failed: Readable<FailedWrites>
  readonly #around: KeptSurroundings
  readonly #listener: KeptListener
  readonly #forgetting: ForgetQueue
  readonly #failures = new FailedList()
  /** Failed writes that are tried again, by the id of the new try, until that is kept. */
  readonly #retried = new Map<string, NewFailure>()

  constructor(around: KeptSurroundings, listener: KeptListener) {
    this.#around = around
    this.#listener = listener
    this.#forgetting = new ForgetQueue(around.keeper, (all) => this.#forgotten(all), around.report)
    this.failed = this.#failures.shown
  }

  put(entries: readonly Entry[]): void {
    const { keeper, schemaVersion } = this.#around
    const writes = entries.map((entry) => newWriteOf(entry, schemaVersion))
    const drops = entries.flatMap(({ replaces }) => replaces ?? [])
    // Within async functions, here and below: a storage of the application's may also throw before it returns a promise.
    const put = async () => keeper.put(writes, ...(drops.length > 0 ? [drops] : []))
    put().then(
      (ords) => {
        for (const { id } of entries) this.#retried.delete(id)
        this.#listener.stored(entries, ords)
      },
      (error: unknown) => {
        // Nobody knows whether they were kept, and the application is told that they were not.
        const failures = entries.flatMap(({ id }) => this.#retried.get(id) ?? [])
        this.forget({ ids: entries.map(({ id }) => id), failures })
        this.#listener.unstored(
          String(error),
          entries.map(({ id }) => id),
        )
      },
    )
  }

  mark(marks: readonly Mark[]): void {
    const mark = async () => this.#around.keeper.mark(marks.map((each) => ({ ...each, sent: true })))
    mark().then(
      () => this.#listener.marked(marks),
      (error: unknown) => {
        this.#around.report(error)
        this.#listener.unmarked(marks)
      },
    )
  }

  /** These have ended. */
  settled(settled: readonly Settled[], ending: Ending): void {
    const now = this.#around.now()
    const failures = settled.flatMap((each) => newFailure(each, now))
    if (ending === 'to keep')
      this.#forgetting.add({
        ids: settled.map(({ entry }) => entry.id),
        failures,
        numbers: settled.map(({ entry }) => entry.number),
      })
    this.#drop(this.#failures.add(failures, now))
  }

  /** Keeps that the application takes the write back. Never rejects. */
  async withdraw(entry: Entry): Promise<'kept' | 'not kept'> {
    const { keeper, now, report } = this.#around
    try {
      await keeper.forget([entry.id], newFailure({ entry, result: DISCARDED }, now()))
      return 'kept'
    } catch (error) {
      report(error)
      return 'not kept'
    }
  }

  /** Tries again what the storage could not keep: of this page, and of `ids`, which another tab has settled. */
  forgetAgain(ids: readonly string[]): void {
    if (ids.length > 0) this.forget({ ids, failures: ids.flatMap((id) => this.#failures.get(id) ?? []) })
    else this.#forgetting.retry()
  }

  forget({ ids, failures }: { ids: readonly string[]; failures: readonly NewFailure[] }): void {
    this.#forgetting.add({ ids, failures, numbers: [] })
  }

  adoptFailed(failures: readonly NewFailure[]): void {
    this.#drop(this.#failures.add(failures, this.#around.now()))
  }

  /** Those of `entries` that are in the storage, as another page hears of them; which room they are of, it knows. */
  writes(entries: readonly Entry[]): readonly StoredWrite[] {
    const kept = entries.filter(({ stage }) => stage.is !== 'storing')
    return kept.map((entry) => ({
      ...newWriteOf(entry, this.#around.schemaVersion),
      ord: entry.ord,
      room: '',
    }))
  }

  /** The failures that are in the storage. */
  keptFailures(): readonly string[] {
    const unkept = this.#forgetting.failures
    return this.#failures.all.flatMap(({ id }) => (unkept.has(id) ? [] : [id]))
  }

  /** Also those that are not shown. */
  failures(): readonly StoredFailure[] {
    return this.#failures.all.map((failure) => ({ ...failure, room: '' }))
  }

  hasFailed(id: string): boolean {
    return this.ended(id) !== undefined
  }

  /** How it failed, also where that is not shown. */
  ended(id: string): NewFailure | undefined {
    return this.#failures.get(id)
  }

  /** A failed write that is shown. */
  failure(id: string): NewFailure | undefined {
    const failure = this.#failures.get(id)
    return failure && !isTrace(failure) ? failure : undefined
  }

  /** The write `id` is another try of `failure`, which goes in the transaction that keeps the write. */
  retry(id: string, failure: NewFailure): void {
    this.#retried.set(id, failure)
    this.#failures.remove([failure.id])
  }

  /** The write `id` was not taken; if it was another try, the failed write is there again. */
  refused(id: string): void {
    const failure = this.#retried.get(id)
    this.#retried.delete(id)
    if (failure) this.#failures.giveBack(failure)
  }

  async discard(id: string): Promise<void> {
    this.#failures.remove([id])
    await this.#around.keeper.dropFailed([id])
  }

  /** They were discarded or tried again in another tab. */
  failedGone(ids: readonly string[]): void {
    this.#failures.remove(ids)
  }

  #forgotten(all: readonly Forgotten[]): void {
    // They may have been discarded, or tried again, before they were kept.
    const failures = all.flatMap((each) => each.failures.map(({ id }) => id))
    this.#drop(failures.filter((id) => !this.#failures.get(id)))
    this.#listener.forgotten(all.flatMap(({ numbers }) => numbers))
  }

  #drop(surplus: readonly string[]): void {
    if (surplus.length === 0) return
    const drop = async () => this.#around.keeper.dropFailed(surplus)
    drop().catch(this.#around.report)
  }
}
