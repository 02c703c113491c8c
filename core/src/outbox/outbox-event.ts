import type { StoredFailure } from '../persistence/room-storage.ts'
import type { CidVerdict, ClientFrame, Limits, Receipt, RefusedFrame, WelcomeFrame } from '../wire/index.ts'
import type { Draft, Entry, WriteNumber } from './entry.ts'
import type { Failure, WriteResult } from './write-result.ts'

export type PushRefusal = Extract<RefusedFrame, { re: 'push' }>

/** What a put needs: a random client id for the case that one is needed, and whether what it keeps is about to be sent. */
export interface PutTerms {
  readonly fresh: string
  readonly willSend: boolean
}

/** What happens to the outbox. `at` is the client's clock in milliseconds. */
export type OutboxEvent =
  /** What one tick wrote. */
  | (PutTerms & { readonly type: 'enqueued'; readonly drafts: readonly Draft[] })
  /** The storage has kept what was handed to it, at these places. */
  | (PutTerms & { readonly type: 'stored'; readonly ords: ReadonlyMap<string, number> })
  /** The storage could not keep what was handed to it, or nobody knows whether it has. */
  | (PutTerms & { readonly type: 'unstored'; readonly message: string })
  /** The marks of these are kept. */
  | { readonly type: 'marked'; readonly marks: readonly Numbered[] }
  /** Marks could not be kept. */
  | { readonly type: 'unmarked'; readonly marks: readonly Numbered[] }
  /** Kept writes of other pages, and what the storage says of this one's. */
  | { readonly type: 'adopted'; readonly entries: readonly Entry[] }
  /** Another tab has heard how these ended. */
  | { readonly type: 'elsewhere'; readonly results: readonly ResultOf[] }
  /** These have left the storage, and nobody told this tab how they ended. */
  | { readonly type: 'absent'; readonly ids: readonly string[]; readonly failed: readonly StoredFailure[] }
  /** The application takes a write back, and that is being kept. */
  | { readonly type: 'withdrawing'; readonly id: string }
  | { readonly type: 'withdrawn'; readonly id: string }
  /** How these ended is kept. */
  | { readonly type: 'forgotten'; readonly numbers: readonly WriteNumber[] }
  | { readonly type: 'welcome'; readonly frame: WelcomeFrame; readonly at: number }
  /** The pass that answers hello has been applied, and its receipts have been handed in. */
  | { readonly type: 'live'; readonly at: number }
  /** The changes that came with them have been handed to the collections. */
  | { readonly type: 'receipts'; readonly receipts: readonly Receipt[]; readonly at: number }
  /** These collections are about to get rows by a join. */
  | { readonly type: 'joining'; readonly collections: ReadonlySet<string> }
  | { readonly type: 'refused'; readonly frame: PushRefusal }
  /** The tick in which something became sendable is over. `fresh` is a random client id for the case that one is needed. */
  | { readonly type: 'flush'; readonly fresh: string; readonly at: number }
  /** The pause is over. */
  | { readonly type: 'rested' }
  | { readonly type: 'lost'; readonly at: number }
  /** `outlives`: what is kept is still there for the next page. */
  | { readonly type: 'closed'; readonly outlives: boolean }

export type EventOf<T extends OutboxEvent['type']> = Extract<OutboxEvent, { type: T }>

export interface ResultOf {
  readonly id: string
  readonly result: WriteResult
}

export interface Settled {
  readonly entry: Entry
  readonly result: WriteResult
}

/** Whether it is kept how a write has ended: by another tab, or before it was taken for an ending. */
export type Ending = 'to keep' | 'kept'

export interface Numbered extends WriteNumber {
  readonly id: string
}

export interface Mark extends Numbered {
  /** When it is made, by the server's clock, in milliseconds. */
  readonly sentAt: number
}

/** What the outbox asks for, in this order. */
export type OutboxEffect =
  | { readonly type: 'send'; readonly frame: ClientFrame }
  /** They have left the outbox. */
  | { readonly type: 'settle'; readonly ending: Ending; readonly settled: readonly Settled[] }
  /** The application is told, and nothing else: the write was never in the outbox, or stays in the storage. */
  | { readonly type: 'refuse'; readonly id: string; readonly result: Failure }
  | { readonly type: 'put'; readonly entries: readonly Entry[] }
  | { readonly type: 'mark'; readonly marks: readonly Mark[] }
  /** Ask for `flush` at the end of this tick. */
  | { readonly type: 'flush-soon' }
  /** Ask for `rested` after so many milliseconds. */
  | { readonly type: 'rest'; readonly ms: number }
  | { readonly type: 'redial'; readonly code: number; readonly reason: string }

/** What a welcome said, kept until the pass after it has been applied. */
export interface Welcomed {
  readonly verdicts: readonly CidVerdict[]
  /** The server's clock, in milliseconds. */
  readonly now: number
}

export type OutboxLimits = Pick<Limits, 'frameBytes' | 'itemsPerPush' | 'opsPerMutation' | 'cidsPerHello'>
