import type { RowSink } from '../stream/row-commit.ts'
import type { Movable } from '../stream/stream.ts'
import type { HeldFrom } from '../stream/stream-event.ts'
import type { Keeping } from '../stream/stream-keeper.ts'
import type { SubscriptionSpec } from '../wire/index.ts'

/** How a tab reaches its Durable Object: by a socket of its own, or by the tab that has one. */
export interface RoomLink {
  mount(spec: SubscriptionSpec, sink: RowSink, held: HeldFrom | null, keeping: Keeping): Movable
  /** Whether anything needs the server: rows that are shown, writes that are not settled. */
  want(wanted: boolean): void
  resume(options: { readonly token?: string }): void
  /** Everything that was mounted elsewhere before is mounted here, or has ended meanwhile. */
  taken(): void
  /** Ends it. What was mounted can be mounted elsewhere; nobody is told anything any more. */
  leave(): void
}
