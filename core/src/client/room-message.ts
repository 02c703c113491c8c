import type { ResultOf } from '../outbox/outbox-event.ts'
import type { HeardBy } from '../outbox/stored-entry.ts'
import type { NewFailure, StoredWrite } from '../persistence/room-storage.ts'
import type { RowCommit } from '../stream/row-commit.ts'
import type { HeldFrom } from '../stream/stream-event.ts'
import type { Keeping } from '../stream/stream-keeper.ts'
import type { Since } from '../stream/subscription.ts'
import type { SubscriptionSpec } from '../wire/index.ts'
import type { PlainError } from './plain-error.ts'

/** What a tab without a socket says to the one that has it. Subscriptions have the numbers that the follower gave them. */
export type UpMessage =
  | {
      readonly type: 'mount'
      readonly sub: number
      readonly spec: SubscriptionSpec
      readonly held: HeldFrom | null
      readonly keeping: Keeping
    }
  | { readonly type: 'resize'; readonly sub: number; readonly limit: number }
  | { readonly type: 'end'; readonly sub: number }
  /** Writes that are kept. `told`: just now, so that no socket has carried them. */
  | { readonly type: 'wrote'; readonly writes: readonly StoredWrite[]; readonly heard: HeardBy }
  /** Failed writes that were let go of, or are tried again. */
  | { readonly type: 'failedGone'; readonly ids: readonly string[] }
  /** Takes back a write, if no socket can have carried it: only the leader knows. */
  | { readonly type: 'discard'; readonly id: string }
  | { readonly type: 'resume'; readonly token: string | undefined }
  /** Whether this tab needs the connection. */
  | { readonly type: 'want'; readonly wanted: boolean }
  /** First of all: the version of the app's schema. */
  | { readonly type: 'schema'; readonly version: number }

/** What the tab with the socket says. In the order in which it happened to it. */
export type DownMessage =
  /** Rows of one frame, and where they are with them. */
  | { readonly type: 'rows'; readonly parts: readonly RelayedPart[] }
  /** These have moved without a row. */
  | { readonly type: 'moved'; readonly subs: readonly (readonly [sub: number, since: Since])[] }
  | { readonly type: 'ready'; readonly sub: number }
  | {
      readonly type: 'refuse'
      readonly sub: number
      readonly error: PlainError
      readonly rows: 'none' | 'held'
    }
  | { readonly type: 'state'; readonly sub: number; readonly state: object }
  | { readonly type: 'wrote'; readonly writes: readonly StoredWrite[] }
  /** After the rows that they came with. */
  | { readonly type: 'settled'; readonly results: readonly ResultOf[] }
  | { readonly type: 'failed'; readonly failures: readonly NewFailure[] }
  | { readonly type: 'failedGone'; readonly ids: readonly string[] }
  /** What became of a `discard`; without an error the write is gone. */
  | { readonly type: 'discarded'; readonly id: string; readonly error: PlainError | null }
  | { readonly type: 'status'; readonly status: object }

export interface RelayedPart {
  readonly sub: number
  readonly commit: RowCommit
  readonly held: HeldFrom | null
}
