import type { Readable } from '../status/readable.ts'
import type { AllFailedWrites, AllPendingWrites } from './all-writes.ts'
import type { FlushSummary } from './flush-room.ts'
import type { LogoutOptions } from './logout.ts'
import type { StorageReadable } from './storage-status.ts'
import type { SyncClient } from './sync-client.ts'

/** An app with many rooms, each of them a Durable Object. */
export interface Sync<Api> {
  /**
   * The client of a room: the same one for the same name, as long as the page. It connects when it is used, and its socket closes
   * `unusedAfterMs` after nobody uses it any more: no collection is mounted, no write is unsettled, nobody retains it.
   * @throws ProtocolError `room-invalid` for a name that is empty, `.` or `..`.
   */
  readonly room: (name: string) => SyncClient<Api>
  /** As if the room was used, until what is returned is called: its socket stays. It makes no connection. */
  readonly retain: (name: string) => () => void
  /**
   * Writes of all rooms that are not confirmed, also of those that are not open. What other tabs write in rooms that are not open here is
   * known within ten seconds while somebody subscribes.
   */
  readonly pendingWrites: Readable<AllPendingWrites>
  /** Failed writes of all rooms. */
  readonly failedWrites: Readable<AllFailedWrites>
  /** How well this device keeps what belongs to the user, and how much room it takes. */
  readonly storage: StorageReadable
  /**
   * Sends what rooms that are not open have left unsent, once in the life of a page. It happens by itself soon after the first room is
   * used; call it where the app may begin on a page without any. Not on a server.
   */
  readonly start: () => void
  /** Opens every room that has unsent writes. Resolves when they are settled, or cannot be for now; never rejects. */
  readonly flush: () => Promise<FlushSummary>
  /**
   * Signs the user out of this device: closes all rooms, in every tab, takes their rows off the screen, and forgets what is kept. For good:
   * whoever signs in next needs another `createSync`.
   * @throws ProtocolError by rejecting: `unsent-writes` while writes would be lost that `pending` does not speak of, and nothing has
   * happened then; `purge-failed` when something is still kept.
   */
  readonly logout: (options?: LogoutOptions) => Promise<void>
}
