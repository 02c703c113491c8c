import type { Rules } from './rules.ts'
import type { ScenarioName } from './scenarios.ts'

/** The built rules but for some, and the scenario that shows soonest what that loses. */
export interface Variant {
  readonly off: Partial<Rules>
  readonly scenario: ScenarioName
}
export const variantName = (off: Partial<Rules>): string =>
  Object.entries(off)
    .map(([rule, value]) => (value === false ? `${rule} off` : `${rule}: ${value}`))
    .join(', ')

export const variants: {
  readonly [Part in 'positions' | 'joins' | 'sockets' | 'writes']: readonly Variant[]
} = {
  positions: [
    { off: { validate: 'seq' }, scenario: 'restoreOwn' },
    { off: { validate: 'row' }, scenario: 'retentionPages' },
    { off: { validate: 'row or missing' }, scenario: 'restore' },
    { off: { floor: 'oldest row' }, scenario: 'restore' },
    { off: { floor: 'none' }, scenario: 'retentionJoin' },
    { off: { wakeValidates: false }, scenario: 'reloadRestore' },
    { off: { wipeAborts: false }, scenario: 'wipe' },
    { off: { pruneBoundary: false }, scenario: 'retentionPages' },
    { off: { mover: 'receipt too' }, scenario: 'receipts' },
    { off: { wholeFlush: false }, scenario: 'restore' },
    { off: { resetDemotes: false }, scenario: 'wipe' },
  ],
  joins: [
    { off: { joinValidates: false }, scenario: 'restorePages' },
    { off: { joinCursor: 'p0' }, scenario: 'restorePages' },
    { off: { joinFlush: 'none' }, scenario: 'restoreJoin' },
    { off: { joinFlush: 'none, joined moves' }, scenario: 'ownElsewhere' },
    { off: { joinCatchUp: false }, scenario: 'joinOwn' },
    { off: { joinEndsInOneTurn: false }, scenario: 'joinOwn' },
    { off: { snapshotReplaces: false }, scenario: 'wipe' },
    { off: { catchUpStaged: false }, scenario: 'restoreJoin' },
    { off: { joinNumbers: false }, scenario: 'join' },
    { off: { atForJoinedOnly: false }, scenario: 'joinOwn' },
    { off: { ownSince: false }, scenario: 'ownElsewhere' },
    { off: { resumeTogether: 'lowest position' }, scenario: 'restoreOwn' },
    { off: { moveOut: false }, scenario: 'receipts' },
  ],
  sockets: [
    { off: { positionKept: 'attachment of the hello' }, scenario: 'reloadRestore' },
    { off: { positionKept: 'table' }, scenario: 'reloadRestore' },
    { off: { positionKept: 'nowhere' }, scenario: 'wipe' },
    { off: { subscriptionsStamped: false }, scenario: 'reloadRestore' },
    { off: { oldSocket: 'frames apply' }, scenario: 'reload' },
    { off: { oldSocket: 'receipts settle' }, scenario: 'receipts' },
    { off: { oldSocket: 'frames apply', gap: false }, scenario: 'reload' },
  ],
  writes: [
    { off: { emptyReceiptFrame: false }, scenario: 'rejected' },
    { off: { resend: false }, scenario: 'rejected' },
    { off: { replay: false }, scenario: 'ownElsewhere' },
    { off: { heldWhileJoining: false }, scenario: 'ownElsewhere' },
  ],
}

/** Nothing was found for these. Each says what stands in for the rule. */
export const withoutCounterexample: readonly { readonly off: Partial<Rules>; readonly because: string }[] = [
  {
    off: { flushValidates: false },
    because:
      'a live position turns bad by a restore or by pruning; the wake validates after the one, the boundary prevents the other',
  },
  {
    off: { gap: false },
    because:
      'old sockets are dead and the position is written in the turn that sends, so no frame starts elsewhere',
  },
  {
    off: { outcomesInLive: false },
    because: 'after live the client sends the write again, and the replay brings the outcome',
  },
  {
    off: { dropDiscardsStage: false },
    because: 'a page request is whole, and the head of its last page is validated; the next socket may go on',
  },
  {
    off: { joinCursor: 'p0 and instance' },
    because: 'a join that starts over with every instance is as safe, and costs a snapshot at each eviction',
  },
]
