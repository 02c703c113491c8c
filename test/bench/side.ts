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

/** The product or its floor: the same workloads run against both. */
export interface Side {
  readonly name: 'product' | 'floor'
  /** A client that has not dialled yet, with the rows of one author only. The floor has no filters: there it has all. */
  client(room: string, user: string, author?: string): BenchClient
  /** @throws Error with the message of what was thrown in the room. */
  control<V extends keyof RoomVerbs>(
    room: string,
    verb: V,
    args: RoomVerbs[V]['args'],
  ): Promise<RoomVerbs[V]['result']>
}

/** How a side reaches its rooms. */
export interface SideOptions {
  readonly port: number
  readonly compression: 'none' | 'deflate'
}
