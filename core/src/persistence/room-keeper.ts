import type { WriteKeeper } from '../outbox/write-keeper.ts'
import type { StreamEffect } from '../stream/stream-event.ts'
import type { Keeping, StreamKeeper } from '../stream/stream-keeper.ts'
import type { SubscriptionSpec } from '../wire/index.ts'
import { KeptSubscriptions } from './kept-subscriptions.ts'
import { RoomBuffer } from './room-buffer.ts'
import type {
  NewFailure,
  NewWrite,
  PassShape,
  RoomStorage,
  StoredPass,
  StoredQueue,
  StoredRoom,
  WriteMark,
} from './room-storage.ts'

type EffectOf<T extends StreamEffect['type']> = Extract<StreamEffect, { type: T }>

export interface RoomKeeperSurroundings {
  readonly room: RoomStorage
  /** Runs `task` after `ms` milliseconds. */
  readonly later: (task: () => void, ms: number) => void
  readonly report: (error: unknown) => void
}

/** Keeps what the stream and the outbox of one room say, beyond the page. Rows wait a little for each other; writes wait for nothing. */
export class RoomKeeper implements StreamKeeper, WriteKeeper {
  readonly #room: RoomStorage
  readonly #subs = new KeptSubscriptions()
  readonly #buffer: RoomBuffer
  /** Shapes that have moved since they were read. */
  readonly #moved = new Set<string>()
  /** Subscriptions whose shape is on demand. */
  readonly #onDemand = new Set<number>()

  constructor({ room, later, report }: RoomKeeperSurroundings) {
    this.#room = room
    this.#buffer = new RoomBuffer({ room, later, report, adrift: (key) => this.#subs.silence(key) })
  }

  mounted(sub: number, spec: SubscriptionSpec, { rows, syncMode }: Keeping): void {
    this.#subs.add(sub, spec, rows)
    if (syncMode === 'on-demand') this.#onDemand.add(sub)
    this.#room.hold(this.#subs.keys)
    const key = this.#subs.spokenBy(sub)
    if (key !== undefined) this.#buffer.touch(key)
  }

  ended(sub: number): void {
    this.#subs.remove(sub)
    this.#onDemand.delete(sub)
    this.#room.hold(this.#subs.keys)
  }

  passed({ from, to, commits }: EffectOf<'passed'>, joined: Iterable<number>): void {
    const blocks = new Map(commits.map(({ sub, news }) => [sub, news]))
    const covered = [...joined]
    this.#subs.covered(covered)
    const shapes = covered.flatMap((sub): PassShape[] => {
      const key = this.#subs.spokenBy(sub)
      return key === undefined ? [] : [{ key, blocks: blocks.get(sub) ?? [] }]
    })
    if (shapes.length > 0) this.#pass({ from, to, shapes })
  }

  joined({ sub, rows, since, commit, news }: EffectOf<'joined'>): void {
    const { at, blocks, window } = commit
    if (since !== null) {
      const key = this.#subs.spokenBy(sub)
      if (key !== undefined) this.#pass({ from: since, to: at, shapes: [{ key, blocks: news }] })
      return
    }
    const claimed = this.#subs.claim(sub)
    if (!claimed) return
    this.#moved.add(claimed.key)
    this.#buffer.replace({
      ...claimed,
      token: rows.shape,
      keyColumn: rows.key,
      kinds: rows.kinds,
      onDemand: this.#onDemand.has(sub),
      at,
      boundary: window?.boundary,
      blocks,
    })
  }

  extended({ sub, at, blocks, boundary }: EffectOf<'extended'>): void {
    const key = this.#subs.spokenBy(sub)
    if (key !== undefined) this.#pass({ from: at, to: at, shapes: [{ key, blocks, boundary }] })
  }

  /** Whoever speaks for the shape: nobody may read it. */
  emptied(sub: number): void {
    const key = this.#subs.keyOf(sub)
    if (key === undefined) return
    this.#subs.silence(key)
    this.#moved.add(key)
    this.#buffer.drop(key)
  }

  /** Whether what was read last of the shape is out of date. */
  hasMoved(key: string): boolean {
    return this.#moved.has(key)
  }

  #pass(pass: StoredPass): void {
    for (const { key } of pass.shapes) this.#moved.add(key)
    this.#buffer.pass(pass)
  }

  async put(
    putWrites: readonly NewWrite[],
    deleteFailed: readonly string[] = [],
  ): Promise<ReadonlyMap<string, number>> {
    const { ords } = await this.#room.commit({ putWrites, deleteFailed })
    return ords
  }

  async mark(markWrites: readonly WriteMark[]): Promise<void> {
    await this.#room.commit({ markWrites })
  }

  /** With the rows that have moved before: a write that is gone while its row is not there yet would be missed after a reload. */
  forget(ids: readonly string[], failures: readonly NewFailure[]): Promise<void> {
    return this.#buffer.forget(ids, failures)
  }

  async dropFailed(deleteFailed: readonly string[]): Promise<void> {
    await this.#room.commit({ deleteFailed })
  }

  /** What is kept, after everything that has moved so far. */
  load(): Promise<StoredRoom> {
    // In one turn: what moved between the two would be kept at a place that the cut does not know.
    this.#buffer.flush().catch(() => {})
    this.#moved.clear()
    return this.#room.load()
  }

  /** The writes and failures that are kept, after everything that has ended so far. */
  queue(): Promise<StoredQueue> {
    this.#buffer.flush().catch(() => {})
    return this.#room.queue()
  }

  /** After what has moved so far. */
  async close(): Promise<void> {
    await this.flush().catch(() => {})
    await this.#room.close()
  }

  /** Keeps everything that has moved so far, and where each shape is. */
  flush(): Promise<void> {
    return this.#buffer.flush()
  }
}
