import {
  type Committed,
  type Revision,
  type RoomChange,
  type RoomStorage,
  revisedId,
  type StoredFailure,
  type StoredQueue,
  type StoredRoom,
  type StoredWrite,
} from '../persistence/room-storage.ts'
import { StorageClosed } from '../persistence/storage-closed.ts'
import { type MigrateMutation, migration } from './migrate-mutation.ts'

export interface ClientRoomOptions {
  readonly room: RoomStorage
  readonly schemaVersion: number
  readonly migrate: MigrateMutation | undefined
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly report: (error: unknown) => void
  /** What is kept has been read, and is being handed on. */
  readonly loaded: () => void
  /** It cannot be read. */
  readonly unread: () => void
}

/**
 * A room as one client sees it: its writes are of the app's own version, and where the user has signed out there is nothing in it.
 */
export class ClientRoom implements RoomStorage {
  readonly #options: ClientRoomOptions
  #phase: 'open' | 'forgotten' = 'open'

  constructor(options: ClientRoomOptions) {
    this.#options = options
  }

  load(): Promise<StoredRoom> {
    return this.#read(() => this.#options.room.load())
  }

  queue(): Promise<StoredQueue> {
    return this.#read(() => this.#options.room.queue())
  }

  async commit(change: RoomChange): Promise<Committed> {
    try {
      return await this.#options.room.commit(change)
    } catch (error) {
      const isWrite = change.putWrites?.length || change.markWrites?.length
      // The user has signed out, here or in another tab: of what was shown nothing is to be kept.
      if (error instanceof StorageClosed && !isWrite) return { ords: new Map(), adrift: [] }
      throw error
    }
  }

  revise(revisions: readonly Revision[]): Promise<ReadonlySet<string>> {
    return this.#options.room.revise(revisions)
  }

  hold(keys: Iterable<string>): void {
    this.#options.room.hold(keys)
  }

  close(): Promise<void> {
    return this.#options.room.close()
  }

  /** The user has signed out: nothing of what is kept is told any more. */
  forget(): void {
    this.#phase = 'forgotten'
  }

  async #read<T extends StoredQueue>(read: () => Promise<T>): Promise<T> {
    this.#mustBeOpen()
    const found = await this.#found(read)
    this.#options.loaded()
    this.#mustBeOpen()
    return found
  }

  async #found<T extends StoredQueue>(read: () => Promise<T>): Promise<T> {
    try {
      return await this.#migrated(await read())
    } catch (error) {
      this.#options.unread()
      throw error
    }
  }

  /** What is not told must not look as if it had been settled. */
  #mustBeOpen(): void {
    if (this.#phase === 'forgotten') throw new StorageClosed()
  }

  async #migrated<T extends StoredQueue>(room: T): Promise<T> {
    const { migrate, schemaVersion, now, report } = this.#options
    const old = room.writes.filter((write) => write.schemaVersion < schemaVersion)
    if (!migrate || old.length === 0) return room
    const terms = { migrate, schemaVersion, now: now() }
    const revisions = new Map(
      old.map(({ room: _, ord: __, ...write }) => [write.id, migration(write, terms)] as const),
    )
    let kept: ReadonlySet<string>
    try {
      kept = await this.#options.room.revise([...revisions.values()])
    } catch (error) {
      report(error)
      // There is no room for it, say: the next page does the same again.
      kept = new Set([...revisions.values()].map(revisedId))
    }
    return { ...room, ...revisedQueue(room, revisions, kept) }
  }
}

/** Those that are gone were settled by another tab meanwhile. */
function revisedQueue(
  room: StoredQueue,
  revisions: ReadonlyMap<string, Revision>,
  kept: ReadonlySet<string>,
): StoredQueue {
  const writes: StoredWrite[] = []
  const failed: StoredFailure[] = [...room.failed]
  for (const before of room.writes) {
    const revision = revisions.get(before.id)
    if (!revision) writes.push(before)
    else if (!kept.has(before.id)) continue
    else if (revision.becomes === 'failure') failed.push({ ...revision.failure, room: before.room })
    else writes.push({ ...revision.write, room: before.room, ord: before.ord })
  }
  return { writes, failed }
}
