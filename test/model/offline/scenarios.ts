import { type Fault, faults, type Key, type TabIndex } from './state.ts'

/** A start, what is written, and what may happen, each thing at most as often as its budget says. */
export interface Scenario {
  /** In tab 0 a page leads, and its socket is live. In tab 1 a page is open too, or none. */
  readonly tabs: 1 | 2
  /** What the user writes, in this order, in the tab that is named or in either. */
  readonly writes: readonly {
    readonly key: Key
    readonly tab?: TabIndex
    readonly rejected?: boolean
  }[]
  /** The rows that other clients may write. */
  readonly others?: readonly Key[]
  /** They do so in this order. */
  readonly othersInOrder?: true
  /** The server awaits permission, so writes of different client ids may overtake one another there. */
  readonly awaits?: boolean
  /** What a leader relays, and what the store has, reaches the other tab at any later time; else as soon as that runs. */
  readonly relays?: 'late'
  /** Client ids are retired. */
  readonly retires?: boolean
  readonly budget: Partial<Record<Fault, number>>
}

const w0 = { key: 0, tab: 0 } as const
const w1 = { key: 0, tab: 1 } as const
const rejected0 = { ...w0, rejected: true } as const

export const scenarios = {
  reload: { tabs: 1, writes: [w0, w0], budget: { crash: 1, drop: 1 } },
  reloadOthers: { tabs: 1, writes: [w0], others: [0, 1], budget: { crash: 1, drop: 1, 'other writes': 2 } },
  rejected: { tabs: 1, writes: [rejected0, w0], budget: { crash: 1, drop: 1 } },
  rejectedPower: { tabs: 1, writes: [rejected0], budget: { 'power loss': 1, drop: 1 } },
  discard: { tabs: 1, writes: [w0, w0], budget: { crash: 1, discard: 1 } },
  putFails: { tabs: 1, writes: [w0, w0], budget: { crash: 1, drop: 1, 'put fails': 1 } },
  power: { tabs: 1, writes: [w0, w0], budget: { 'power loss': 1, crash: 1 } },
  ninetyDays: { tabs: 1, writes: [w0, w0], budget: { 'ninety days': 1, crash: 1, drop: 1 } },
  ninetyDaysPower: { tabs: 1, writes: [w0], budget: { 'ninety days': 1, 'power loss': 1, drop: 1 } },
  restore: { tabs: 1, writes: [w0, w0], budget: { restore: 1, crash: 1, drop: 1 } },
  restoreAlone: { tabs: 1, writes: [w0, w0], budget: { restore: 1 } },
  restoreReload: { tabs: 1, writes: [w0, w0], budget: { restore: 1, crash: 1 } },
  restoreDrops: { tabs: 1, writes: [w0, w0], budget: { restore: 1, drop: 2 } },
  restoreOthers: { tabs: 1, writes: [w0], others: [0], budget: { restore: 1, crash: 1, 'other writes': 2 } },
  restoreRejected: { tabs: 1, writes: [rejected0, w0], budget: { restore: 1, crash: 1 } },
  twoTabs: { tabs: 2, writes: [w0, w1], budget: { crash: 1, drop: 1, open: 1 } },
  relay: { tabs: 2, writes: [w0, w1], relays: 'late', budget: { crash: 1, open: 1 } },
  relayOthers: {
    tabs: 2,
    writes: [w1],
    others: [0, 1],
    relays: 'late',
    budget: { crash: 1, open: 1, 'other writes': 2 },
  },
  relayLost: {
    tabs: 2,
    writes: [w0],
    others: [1],
    relays: 'late',
    budget: { 'relay lost': 1, 'other writes': 2 },
  },
  awaits: { tabs: 2, writes: [w0, w1], awaits: true, budget: { crash: 1, drop: 1 } },
  tabsRestore: {
    tabs: 2,
    writes: [w0],
    others: [1],
    budget: { crash: 1, open: 1, restore: 1, 'other writes': 1 },
  },
  frozen: { tabs: 2, writes: [w0, w1], budget: { freeze: 1 } },
  zombie: { tabs: 2, writes: [w0, w1], budget: { freeze: 1, crash: 1 } },
  zombieOthers: { tabs: 2, writes: [w0], others: [1], budget: { freeze: 1, crash: 1, 'other writes': 1 } },
  zombieRejected: { tabs: 2, writes: [rejected0], budget: { freeze: 1 } },
  zombieRestore: { tabs: 2, writes: [w0], budget: { freeze: 1, restore: 1, open: 1, crash: 1 } },
  zombieRestoreOthers: {
    tabs: 2,
    writes: [w0],
    others: [1],
    budget: { freeze: 1, restore: 1, crash: 1, 'other writes': 1 },
  },
  zombieCompacts: {
    tabs: 2,
    writes: [],
    others: [1, 0, 0],
    othersInOrder: true,
    budget: { freeze: 1, restore: 1, compact: 1, 'other writes': 3 },
  },
  zombieRestoreTwo: { tabs: 2, writes: [w0, w1], budget: { freeze: 1, restore: 1 } },
  zombieNinetyDays: { tabs: 2, writes: [w0], budget: { freeze: 1, 'ninety days': 1, drop: 1 } },
  compaction: { tabs: 2, writes: [w0], budget: { compact: 1, crash: 2, drop: 1 } },
  compactionRestore: { tabs: 1, writes: [w0, w0], budget: { compact: 1, restore: 1, crash: 1 } },
  compactionFrozen: { tabs: 2, writes: [w0], budget: { compact: 1, freeze: 1, crash: 1 } },
  retire: { tabs: 2, writes: [w1, w1], retires: true, budget: { crash: 1 } },
  retirePower: { tabs: 1, writes: [w0], retires: true, budget: { 'power loss': 1, crash: 1, drop: 1 } },
  signIn: { tabs: 1, writes: [w0, w1], budget: { 'sign in': 1, open: 1, drop: 1 } },
  logout: { tabs: 2, writes: [w0], others: [1], budget: { logout: 1, freeze: 1, 'other writes': 1 } },
  everything: {
    tabs: 2,
    writes: [w0, w1],
    others: [1],
    retires: true,
    relays: 'late',
    budget: {
      crash: 1,
      drop: 1,
      freeze: 1,
      open: 1,
      'power loss': 1,
      restore: 1,
      'ninety days': 1,
      discard: 1,
      'put fails': 1,
      'other writes': 1,
      compact: 1,
      'relay lost': 1,
    },
  },
} as const satisfies Record<string, Scenario>
export type ScenarioName = keyof typeof scenarios

/** Some writes, each fault not at all, once or twice: what nobody thought of. The seed is the whole choice. */
export const randomScenario = (seed: number): Scenario => {
  let state = seed
  const below = (n: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0
    return (state >>> 8) % n
  }
  const pick = <T>(first: T, ...rest: T[]): T => [first, ...rest][below(rest.length + 1)] ?? first
  const budget: Partial<Record<Fault, number>> = {}
  for (const fault of faults)
    budget[fault] = fault === 'ninety days' ? pick(0, 0, 0, 1) : pick(0, 0, 0, 1, 1, 2)
  return {
    tabs: pick(1, 2),
    writes: Array.from({ length: pick(1, 2, 2, 3) }, () =>
      pick<Scenario['writes'][number]>(w0, w0, w1, rejected0),
    ),
    others: [0, 1],
    awaits: pick(false, true),
    retires: pick(false, true),
    ...(pick(true, false) ? { relays: 'late' } : {}),
    budget: { ...budget, 'sign in': 0, logout: 0 },
  }
}
