import type { Room } from './room.ts'

export interface FixtureEnv {
  readonly ROOM: DurableObjectNamespace<Room>
  /** The object of the quick start, word for word. */
  readonly SESSION: DurableObjectNamespace
  /** Sync beside sockets and routes of the object's own. */
  readonly LOBBY: DurableObjectNamespace
  /** Its author forgot `parseAttachment`. */
  readonly NO_CLAIMS: DurableObjectNamespace
  /** Registers a table that does not exist. */
  readonly NO_TABLE: DurableObjectNamespace
}
