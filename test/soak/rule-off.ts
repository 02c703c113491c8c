import type { ProcessFault } from './fault-kind.ts'
import { EVERYTHING, type Profile } from './schedule.ts'
import type { SourcePatch } from './source-patch.ts'

/** Schedules that are aimed at a rule. */
export interface Aim {
  /** Other aims have other seeds. */
  readonly firstSeed: number
  readonly rooms: number
  readonly profile: Profile
  readonly processFaults: readonly ProcessFault[]
}

/** A rule, and what to write in the place of the code that keeps it. */
export interface RuleOff {
  readonly rule: string
  /** Checked in every run of the tests; the others only in the soak. */
  readonly often?: boolean
  readonly aim: Aim
  readonly patches: readonly SourcePatch[]
}

const profile = (faults: Profile['faults'], rest: Partial<Profile> = {}): Profile => ({
  ...EVERYTHING,
  faults,
  faultsPerSegment: [2, 3],
  ...rest,
})

/** Connections that end or lose frames. */
export const LINES: Aim = {
  firstSeed: 70_000,
  rooms: 10,
  profile: profile({ drop: 4, cut: 3, swallow: 4, lose: 3, away: 3 }),
  processFaults: [],
}
/** No faults to speak of: what is written must arrive. */
export const WRITES: Aim = {
  firstSeed: 71_000,
  rooms: 8,
  profile: profile({ drop: 1, delay: 1 }, { serverWrites: { sql: 2, transaction: 1 } }),
  processFaults: [],
}
/** Subscriptions that join while others write. */
export const JOINS: Aim = {
  firstSeed: 72_000,
  rooms: 10,
  profile: profile({ delay: 5, drop: 3, cut: 3 }, { mounts: 1, faultsPerSegment: [3, 4] }),
  processFaults: [],
}
/** The object leaves memory, with writes that nobody has been told of. */
export const WAKES: Aim = {
  firstSeed: 73_000,
  rooms: 10,
  profile: profile({ evict: 5, delay: 1 }, { serverWrites: { unflushed: 3, sql: 1 } }),
  processFaults: [],
}
/** The object ends in the middle of writes. */
export const STORAGE: Aim = {
  firstSeed: 74_000,
  rooms: 10,
  profile: profile({ abort: 4, crash: 2, compact: 2, prune: 1, evict: 2, drop: 2 }),
  processFaults: [],
}
/** The log shrinks under clients that are there and under clients that are away. */
export const PRUNES: Aim = {
  firstSeed: 76_000,
  rooms: 10,
  profile: profile({ compact: 4, prune: 3, evict: 1, away: 3, drop: 2 }),
  processFaults: [],
}
/** Storage is wiped, and comes back older than it was. */
export const HISTORY: Aim = {
  firstSeed: 75_000,
  rooms: 10,
  profile: profile({ wipe: 3, drop: 2, away: 2 }, { mounts: 0.8, faultsPerSegment: [1, 2] }),
  processFaults: ['restore'],
}
