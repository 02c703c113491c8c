import type {
  Block,
  ChangesFrame,
  ChunkFrame,
  ClientFrame,
  JoinedFrame,
  NextFrame,
  PageAnswerFrame,
  Place,
  Position,
  Receipt,
  RefusedFrame,
  RestartFrame,
  SubscriptionSpec,
  WelcomeFrame,
} from '../wire/index.ts'
import type { RowCommit, WindowMeasure } from './row-commit.ts'
import type { Refusal, Since, SubscriptionRows } from './subscription.ts'

/** What happens to the stream. `at` is the client's clock in milliseconds. */
export type StreamEvent =
  /** Somebody wants these rows. */
  | {
      readonly type: 'mounted'
      readonly sub: number
      readonly spec: SubscriptionSpec
      /** The rows that are shown already; null when there are none. */
      readonly held: HeldFrom | null
      readonly at: number
    }
  /** Nobody wants them any more. */
  | { readonly type: 'unmounted'; readonly sub: number }
  /** Another number of a window's rows is wanted. */
  | { readonly type: 'resized'; readonly sub: number; readonly limit: number; readonly at: number }
  /** What a window holds, after the rows of an `apply` were handed on. */
  | { readonly type: 'measured'; readonly sub: number; readonly measure: WindowMeasure; readonly at: number }
  /** A socket has opened and hello is about to be said from the state after this event. */
  | { readonly type: 'greeted' }
  | { readonly type: 'welcome'; readonly frame: WelcomeFrame; readonly at: number }
  | { readonly type: 'changes'; readonly frame: ChangesFrame; readonly at: number }
  | { readonly type: 'chunk'; readonly frame: ChunkFrame; readonly at: number }
  | { readonly type: 'next'; readonly frame: NextFrame; readonly at: number }
  | { readonly type: 'joined'; readonly frame: JoinedFrame; readonly at: number }
  | { readonly type: 'page'; readonly frame: PageAnswerFrame; readonly at: number }
  | { readonly type: 'restart'; readonly frame: RestartFrame; readonly at: number }
  | { readonly type: 'refused'; readonly frame: RefusedFrame; readonly at: number }
  /** The pause after a failure of the server is over. */
  | { readonly type: 'retry'; readonly sub: number; readonly at: number }
  /** The socket is gone. */
  | { readonly type: 'lost' }
  /** The client was closed, for good. */
  | { readonly type: 'closed' }

/** Rows that were there before the subscription: where they are, and what the join said of them by which they came. */
export interface HeldFrom {
  readonly since: Since
  readonly rows: SubscriptionRows
  /**
   * The rows at that position, where others are shown: the first commit lays what it brings over these, and replaces what is shown. Without
   * them, the rows that are shown are those at that position.
   */
  readonly under?: readonly Block[] | undefined
}

export interface SubCommit {
  readonly sub: number
  readonly commit: RowCommit
  /** What the frame brought; the commit may lay it over rows that were there before. */
  readonly news: readonly Block[]
}

/** What the stream asks for, in this order, all in the turn of the event. */
export type StreamEffect =
  | { readonly type: 'send'; readonly frame: ClientFrame }
  /** Rows of one or several collections that become visible together: committed one after another without an await. */
  | {
      readonly type: 'apply'
      readonly commits: readonly SubCommit[]
    }
  /** The position has moved, with the rows of these commits, for every joined subscription. */
  | {
      readonly type: 'passed'
      readonly from: Position
      readonly to: Position
      readonly commits: readonly SubCommit[]
    }
  /** A join has ended: with all rows, or with what changed since `since`. */
  | {
      readonly type: 'joined'
      readonly sub: number
      readonly rows: SubscriptionRows
      readonly since: Position | null
      readonly commit: RowCommit
      /** What the join brought. */
      readonly news: readonly Block[]
    }
  /** A window has grown, or been cut, at the position where it is. */
  | {
      readonly type: 'extended'
      readonly sub: number
      readonly at: Position
      readonly blocks: readonly Block[]
      readonly boundary: Place | null
    }
  /** Its rows may not be read any more. */
  | { readonly type: 'emptied'; readonly sub: number }
  | { readonly type: 'ready'; readonly sub: number }
  | {
      readonly type: 'refuse'
      readonly sub: number
      readonly refusal: Refusal
      /** Whether it has had rows before. */
      readonly rows: 'none' | 'held'
    }
  /** Ask for `retry` after so many milliseconds. */
  | { readonly type: 'retry-later'; readonly sub: number; readonly ms: number }
  /** Receipts whose changes have been applied. */
  | { readonly type: 'receipts'; readonly receipts: readonly Receipt[] }
  /** The pass that answers hello has been applied: from here on, everybody may send. */
  | { readonly type: 'live' }
  | { readonly type: 'redial'; readonly code: number; readonly reason: string }
