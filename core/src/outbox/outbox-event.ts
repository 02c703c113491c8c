import type { CidVerdict, ClientFrame, Limits, Receipt, RefusedFrame, WelcomeFrame } from '../wire/index.ts'
import type { Work } from './entry.ts'
import type { WriteResult } from './write-result.ts'

export type PushRefusal = Extract<RefusedFrame, { re: 'push' }>

/** What happens to the outbox. `at` is the client's clock in milliseconds, `fresh` a random client id for the case that one is needed. */
export type OutboxEvent =
  | {
      readonly type: 'enqueued'
      readonly id: string
      readonly work: Work
      readonly bytes: number
      readonly at: number
    }
  /** The storage has kept the entry. */
  | { readonly type: 'stored'; readonly id: string }
  /** The storage could not keep the entry. */
  | { readonly type: 'unstored'; readonly id: string; readonly message: string }
  | { readonly type: 'welcome'; readonly frame: WelcomeFrame; readonly at: number }
  /** The pass that answers hello has been applied, and its receipts have been handed in. */
  | { readonly type: 'live'; readonly fresh: string; readonly at: number }
  /** The changes that came with them have been handed to the collections. */
  | { readonly type: 'receipts'; readonly receipts: readonly Receipt[]; readonly at: number }
  /** These collections are about to get rows by a join. */
  | { readonly type: 'joining'; readonly collections: ReadonlySet<string> }
  | { readonly type: 'refused'; readonly frame: PushRefusal; readonly fresh: string }
  /** The tick in which something became sendable is over. */
  | { readonly type: 'flush'; readonly at: number }
  /** The pause that a busy server asked for is over. */
  | { readonly type: 'rested' }
  | { readonly type: 'lost'; readonly at: number }
  | { readonly type: 'closed' }

/** What the outbox asks for, in this order. */
export type OutboxEffect =
  | { readonly type: 'send'; readonly frame: ClientFrame }
  | { readonly type: 'settle'; readonly id: string; readonly result: WriteResult }
  | { readonly type: 'store'; readonly id: string }
  | { readonly type: 'forget'; readonly ids: readonly string[] }
  /** Ask for `flush` at the end of this tick. */
  | { readonly type: 'flush-soon' }
  /** Ask for `rested` after so many milliseconds. */
  | { readonly type: 'rest'; readonly ms: number }
  | { readonly type: 'redial'; readonly code: number; readonly reason: string }

/** What a welcome said, kept until the pass after it has been applied. */
export interface Welcomed {
  readonly verdicts: readonly CidVerdict[]
  readonly lineageReset: boolean
  /** The server heard from this client recently enough to still know every client id that it ever knew. */
  readonly recent: boolean
}

export type OutboxLimits = Pick<Limits, 'frameBytes' | 'opsPerMutation' | 'cidsPerHello'>
