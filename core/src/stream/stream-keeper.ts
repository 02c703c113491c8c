import type { SubscriptionSpec } from '../wire/index.ts'
import type { StreamEffect } from './stream-event.ts'

type EffectOf<T extends StreamEffect['type']> = Extract<StreamEffect, { type: T }>

export type SyncMode = 'eager' | 'on-demand'

/** How a subscription is kept on this device. */
export interface Keeping {
  readonly syncMode: SyncMode
  /** Whether the rows that it holds are those that are kept. */
  readonly rows: 'kept' | 'none'
}

/** Whoever keeps the rows of a stream beyond the page. All calls are synchronous, in the turn and in the order in which rows move. */
export interface StreamKeeper {
  mounted(sub: number, spec: SubscriptionSpec, keeping: Keeping): void
  ended(sub: number): void
  /** `joined` are all subscriptions that have moved, also those of which no row did. */
  passed(pass: EffectOf<'passed'>, joined: Iterable<number>): void
  joined(join: EffectOf<'joined'>): void
  extended(extent: EffectOf<'extended'>): void
  emptied(sub: number): void
}
