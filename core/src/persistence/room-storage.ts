import type { Work } from '../outbox/entry.ts'
import type { Readable } from '../status/readable.ts'
import type { Block, Kinds, Place, Position, SubscriptionSpec, WireValues } from '../wire/index.ts'
import type { Purge, StorageHealth } from './storage-health.ts'

/** Everything that is kept on this device for one user of one endpoint; one for the whole app. */
export interface DeviceStorage {
  /** What it returns for the same name is the same room, until it is closed as often. */
  room(name: string): RoomStorage
  /** The writes of every room, also of those that are not open. */
  queue(): Promise<StoredQueue>
  /** Writes that other users, endpoints or formats have left on this device. */
  leftBehind(): Promise<readonly LeftBehind[]>
  /**
   * Forgets what it is told to forget, and closes, in every tab: nobody keeps anything from here on, and whoever opens the storage next
   * finds what was not forgotten. Default: everything.
   * @throws when it could not be forgotten; it is not closed then.
   */
  purge(what?: Purge): Promise<void>
  /** Lets go of what is held open, after the last commit. */
  close(): Promise<void>
  readonly health: Readable<StorageHealth>
}

/**
 * What is kept of one room. Laws for every implementation.
 *
 * A commit happens whole or not at all, and is durable when it resolves. Commits happen in the order in which they were asked for.
 * Rows and position of a shape are the same record: what is loaded are exactly the rows of the position that is loaded with them.
 * Two tabs that write the same room are harmless to each other, whoever of them leads.
 * Writes come back in the order in which they were kept, over all tabs.
 */
export interface RoomStorage {
  /** One consistent cut. Comes before the first commit that speaks of rows; again, it finds out what other tabs have kept. */
  load(): Promise<StoredRoom>
  /** Writes and failures without reading any row: one consistent cut, after the commits that were asked for. */
  queue(): Promise<StoredQueue>
  /** @throws when writes or failures could not be kept. Rows that could not be kept are no error: their shapes are `adrift`. */
  commit(change: RoomChange): Promise<Committed>
  /**
   * Puts something else in the place of kept writes: of those that are still kept, and leaves their places and marks as they are. Another
   * tab may have sent them meanwhile, or heard how they ended. Returns the ids of those that were kept.
   * @throws when it could not be done; then all is as it was.
   */
  revise(revisions: readonly Revision[]): Promise<ReadonlySet<string>>
  /** The shapes that may not be let go of when there are too many: mounted ones. */
  hold(keys: Iterable<string>): void
  /** After the commits that were asked for. */
  close(): Promise<void>
}

export interface StoredRoom extends StoredQueue {
  readonly shapes: readonly StoredShape[]
}

export interface StoredQueue {
  /** In the order in which they were kept. */
  readonly writes: readonly StoredWrite[]
  readonly failed: readonly StoredFailure[]
  /** There is no database now: this is what this tab knows, and what is not in it may well be kept elsewhere. */
  readonly from?: 'memory'
}

/** What a shape is: the rows that one subscription asks for. */
export interface ShapeHeader {
  /** `shapeKey(spec)`. */
  readonly key: string
  readonly spec: SubscriptionSpec
  /** The server's token of the shape. */
  readonly token: string
  readonly keyColumn: string
  readonly kinds: Kinds
  /** At most 64 shapes of a table are kept that are on demand, and as many that are not. */
  readonly onDemand: boolean
}

/** Where a window ends: `null` when it holds every row of its filter. Undefined: it is no window. */
export type Boundary = Place | null | undefined

export interface StoredShape extends ShapeHeader {
  readonly position: Position
  readonly boundary: Boundary
  /** In order, later wins. No key in them is digested. Rows that do not match the shape may be among them, and are none of it. */
  readonly blocks: readonly Block[]
  /** Milliseconds since 1970. */
  readonly usedAt: number
}

/** All rows of a shape at a position: they replace what is kept of it. */
export interface ShapeRows extends ShapeHeader {
  readonly at: Position
  readonly boundary: Boundary
  readonly blocks: readonly Block[]
}

/**
 * What a pass, or the end of a join, meant for the shapes that it covered. Law: it names every shape that has moved from `from` to `to`,
 * also those that saw nothing; one that was elsewhere, or has missed a pass, is adrift. A page or a cut of a window moves from its
 * position to the same.
 */
export interface StoredPass {
  readonly from: Position
  readonly to: Position
  readonly shapes: readonly PassShape[]
}

export interface PassShape {
  readonly key: string
  /** As they arrived; empty where it saw nothing. Shapes that a frame tells the same are best given the same array. */
  readonly blocks: readonly Block[]
  /** Of a window, where it has moved: where it ends now. */
  readonly boundary?: Place | null
}

/** A write as it is handed in. `ord` comes from the storage. */
export interface NewWrite {
  /** Stable for the life of the write. Kept twice, it is kept once. */
  readonly id: string
  readonly cid: string
  /** Its number under `cid`; null until it has one. */
  readonly n: number | null
  /** It may have been sent. */
  readonly sent: boolean
  /** When it was marked so, by the server's clock, in milliseconds since 1970; undefined where it was with the write itself. */
  readonly sentAt?: number
  readonly work: Work
  /** Rows before the write, one for each operation; null where there was none. */
  readonly before?: readonly (WireValues | null)[]
  /** The app's schema under which it was made. */
  readonly schemaVersion: number
  /** Milliseconds since 1970; for display, never for order. */
  readonly queuedAt: number
}

export interface StoredWrite extends NewWrite {
  readonly room: string
  /** The order of all writes of this device. */
  readonly ord: number
}

/** Places of writes that are in memory only: behind all that are kept. */
export const IN_MEMORY = 2 ** 52

/** What of a kept write may change. */
export type WriteMark = Pick<NewWrite, 'id' | 'cid' | 'n' | 'sent' | 'sentAt'>

/** A write that was refused, or that cannot be read any more. */
export interface StoredFailure {
  readonly id: string
  readonly room: string
  readonly code: string
  readonly message: string
  readonly details?: unknown
  /** Null when it could not be read; `raw` is what is there. */
  readonly work: Work | null
  readonly raw?: string
  readonly before?: readonly (WireValues | null)[]
  /** The number that it had, for `skip`; null where it had none. */
  readonly number: { readonly cid: string; readonly n: number } | null
  readonly queuedAt: number
  readonly failedAt: number
}

export type NewFailure = Omit<StoredFailure, 'room'>

/** What becomes of a kept write: it does something else, or it has failed. */
export type Revision =
  | { readonly becomes: 'write'; readonly write: NewWrite }
  | { readonly becomes: 'failure'; readonly failure: NewFailure }

export const revisedId = (revision: Revision): string =>
  revision.becomes === 'write' ? revision.write.id : revision.failure.id

export interface RoomChange {
  readonly replace?: readonly ShapeRows[]
  /** In the order in which they were applied. */
  readonly passes?: readonly StoredPass[]
  /** Keeps also where the shapes are that saw nothing. Otherwise that is kept with `deleteWrites`, and once a minute. */
  readonly keepPositions?: true
  readonly dropShapes?: readonly string[]
  /** Shapes that are used now. */
  readonly touch?: readonly string[]
  readonly putWrites?: readonly NewWrite[]
  readonly markWrites?: readonly WriteMark[]
  /**
   * Writes that are settled. They stay if rows of this change are not kept, unless it puts them as failures: a page that starts then
   * would show neither the write nor its rows.
   */
  readonly deleteWrites?: readonly string[]
  /** Durable even if the power fails, whatever was chosen for writes. */
  readonly putFailed?: readonly NewFailure[]
  readonly deleteFailed?: readonly string[]
}

export interface Committed {
  /** Of the writes of this commit, by id. */
  readonly ords: ReadonlyMap<string, number>
  /** Shapes of this commit whose rows are not kept any further. They stay as they were last kept, until `replace`. */
  readonly adrift: readonly string[]
}

export interface LeftBehind {
  readonly database: string
  /** The name of the app that has kept it. */
  readonly app: string
  readonly endpoint: string
  readonly format: number
  readonly usedAt: number
  readonly writes: number
  readonly failed: number
}
