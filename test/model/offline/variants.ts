import type { Rules } from './rules.ts'
import type { ScenarioName } from './scenarios.ts'

/** The built rules but for some, and the scenario that shows soonest what that loses. */
export interface Variant {
  readonly off: Partial<Rules>
  readonly scenario: ScenarioName
  /** Long to find: a normal run only follows the trace on record. */
  readonly long?: true
}
export const variantName = (off: Partial<Rules>): string =>
  Object.entries(off)
    .map(([rule, value]) => (value === false ? `${rule} off` : `${rule}: ${value}`))
    .join(', ')

export const variants: {
  readonly [Part in 'rows' | 'pages' | 'writes' | 'verdicts' | 'senders']: readonly Variant[]
} = {
  rows: [
    { off: { position: 'before the rows' }, scenario: 'reloadOthers' },
    { off: { position: 'after the rows' }, scenario: 'restoreOthers' },
    { off: { flush: 'whole state' }, scenario: 'zombieOthers', long: true },
    { off: { log: 'whatever overlaps' }, scenario: 'zombieCompacts', long: true },
    { off: { reset: 'clears the log of another history' }, scenario: 'restoreReload' },
    { off: { compaction: 'clears the log' }, scenario: 'compaction' },
    { off: { compaction: 'overwrites' }, scenario: 'compactionRestore', long: true },
    { off: { deleted: 'on the receipt' }, scenario: 'reload' },
    { off: { loadedInOneCut: false }, scenario: 'twoTabs' },
  ],
  pages: [
    { off: { leads: 'from its rows, at the stored position' }, scenario: 'tabsRestore' },
    { off: { leads: 'from its rows and position' }, scenario: 'tabsRestore' },
    { off: { relayed: 'unnumbered' }, scenario: 'relayLost' },
    { off: { relayed: 'to whoever listens' }, scenario: 'relayOthers' },
    { off: { overlayEnds: 'on the receipt' }, scenario: 'relay' },
    { off: { principal: false }, scenario: 'signIn' },
    { off: { storePerUser: false }, scenario: 'signIn' },
    { off: { purge: 'clears' }, scenario: 'logout' },
  ],
  writes: [
    { off: { numbers: 'of the browser' }, scenario: 'power' },
    { off: { storedFirst: false }, scenario: 'putFails' },
    { off: { markedFirst: false }, scenario: 'ninetyDays' },
    { off: { markStrict: false }, scenario: 'ninetyDaysPower' },
    { off: { discard: 'number again' }, scenario: 'discard' },
    { off: { seen: 'when applied' }, scenario: 'rejected' },
    { off: { failedStrict: false }, scenario: 'rejectedPower' },
  ],
  verdicts: [
    { off: { judged: 'from memory' }, scenario: 'zombieNinetyDays', long: true },
    { off: { judged: 'with the outbox, at the welcome' }, scenario: 'zombieRejected' },
    { off: { unknownMarked: 'again' }, scenario: 'ninetyDays' },
    { off: { unknownMarked: 'again if recent and reset' }, scenario: 'ninetyDays' },
    { off: { unknownMarked: 'given up' }, scenario: 'reload' },
    { off: { recency: 'of the room' }, scenario: 'ninetyDays' },
    { off: { retired: 'unknown' }, scenario: 'retirePower' },
    { off: { holes: 'left' }, scenario: 'restoreAlone' },
    { off: { restored: 'new client id' }, scenario: 'restoreDrops', long: true },
    { off: { restored: 'new client id, old one retired' }, scenario: 'restoreReload' },
  ],
  senders: [
    { off: { order: 'all at once' }, scenario: 'awaits' },
    { off: { retireNeedsLock: false }, scenario: 'retire' },
    { off: { replay: false }, scenario: 'reload' },
    { off: { rejectionCounts: false }, scenario: 'rejected' },
  ],
}
