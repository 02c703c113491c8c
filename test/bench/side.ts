import type { Traffic } from './counted-sockets.ts'
import type { RowCollection } from './row-collection.ts'
import type { RoomVerbs } from './worker/room-verbs.ts'

/** One client of one room, and its collection. */
export interface BenchClient {
  /** Dials when it is first used. */
  readonly rows: RowCollection
  traffic(): Traffic
  /** Loses the connection, and resolves when nothing but `comeBack` is missing for the next. */
  leave(): Promise<void>
  /** Dials again. */
  comeBack(): void
  close(): Promise<void>
}

/** One of those that the same workloads run against: the product, its floor, or somebody else's. */
export interface Side {
  readonly name: string
  /** A client that has not dialled yet, with the rows of one author only. The floor has no filters: there it has all. */
  client(room: string, user: string, author?: string): BenchClient
  /** @throws Error with the message of what was thrown in the room. */
  control<V extends keyof RoomVerbs>(
    room: string,
    verb: V,
    args: RoomVerbs[V]['args'],
  ): Promise<RoomVerbs[V]['result']>
  /** Resolves when everything that was written so far is stored. Absent where that is what a confirmed write means. */
  settled?(): Promise<void>
}

/** How a side reaches its rooms. */
export interface SideOptions {
  readonly port: number
  readonly compression: 'none' | 'deflate'
}
