import { type Budget, faults, type Index, type Key, type Value } from './state.ts'

/**
 * A start and what may happen from there, each thing at most as often as its budget says. In every start A0 and B0 exist,
 * A is joined, connected and at position 2.
 */
export interface Scenario {
  /** B is joined at 2 too, or was never seen, or is not mounted and stored at 2. */
  readonly b: 'joined' | 'absent' | 'stored'
  /** What other writers may write. */
  readonly writes: readonly (readonly [table: Index, key: Key, value: Value])[]
  /** The table of the client's own mutation, or a mutation that the server rejects. */
  readonly own: Index | 'rejected'
  readonly budget: Partial<Budget>
}

const a0: Scenario['writes'][number] = [0, 0, 'on']
const b0gone: Scenario['writes'][number] = [1, 0, 'gone']
const b0off: Scenario['writes'][number] = [1, 0, 'off']
const b0on: Scenario['writes'][number] = [1, 0, 'on']
const b1: Scenario['writes'][number] = [1, 1, 'on']
const b2: Scenario['writes'][number] = [1, 2, 'on']
const a0gone: Scenario['writes'][number] = [0, 0, 'gone']

export const scenarios = {
  resume: {
    b: 'joined',
    own: 0,
    writes: [a0, a0gone, b0off, b0on, b0gone, b1],
    budget: { write: 3, drop: 2 },
  },
  receipts: { b: 'joined', own: 0, writes: [b0off, a0], budget: { write: 2, mutate: 1, drop: 1, evict: 1 } },
  ownElsewhere: { b: 'stored', own: 1, writes: [a0], budget: { write: 1, mutate: 1, drop: 1, mount: 1 } },
  rejected: {
    b: 'stored',
    own: 'rejected',
    writes: [b1],
    budget: { write: 1, mutate: 1, drop: 1, evict: 1 },
  },
  join: {
    b: 'absent',
    own: 0,
    writes: [a0, b0gone, b0on, b1],
    budget: { write: 2, drop: 1, mount: 2, unmount: 1 },
  },
  rejoin: {
    b: 'stored',
    own: 0,
    writes: [a0, b0off, b1],
    budget: { write: 2, drop: 1, mount: 2, unmount: 1 },
  },
  joinOwn: {
    b: 'absent',
    own: 1,
    writes: [b0gone],
    budget: { write: 1, mutate: 1, mount: 1, drop: 1, evict: 1 },
  },
  evict: { b: 'absent', own: 0, writes: [a0, b0gone, b1], budget: { write: 2, evict: 2, drop: 1, mount: 1 } },
  retention: {
    b: 'joined',
    own: 0,
    writes: [a0, b0gone],
    budget: { write: 3, compact: 1, prune: 1, drop: 1, evict: 1 },
  },
  retentionJoin: {
    b: 'stored',
    own: 0,
    writes: [a0, b0gone, b1],
    budget: { write: 2, compact: 1, prune: 1, mount: 1, drop: 1 },
  },
  retentionPages: {
    b: 'absent',
    own: 0,
    writes: [b0gone, b1],
    budget: { write: 2, prune: 1, mount: 1, compact: 1 },
  },
  restore: {
    b: 'joined',
    own: 0,
    writes: [a0, b0gone],
    budget: { write: 3, restore: 1, compact: 1, drop: 1 },
  },
  restoreJoin: {
    b: 'stored',
    own: 0,
    writes: [b0gone, b1],
    budget: { write: 2, restore: 1, mount: 1, drop: 1 },
  },
  restorePages: {
    b: 'absent',
    own: 0,
    writes: [b0gone, b1, b2],
    budget: { write: 2, restore: 1, mount: 1, drop: 1 },
  },
  restoreOwn: {
    b: 'stored',
    own: 0,
    writes: [a0],
    budget: { write: 1, mutate: 1, restore: 1, evict: 1, mount: 1 },
  },
  wipe: { b: 'joined', own: 0, writes: [a0, b0on], budget: { write: 2, wipe: 1, drop: 1, evict: 1 } },
  reload: { b: 'joined', own: 0, writes: [a0, b0gone], budget: { write: 2, reload: 1, mount: 1, drop: 1 } },
  reloadRestore: {
    b: 'joined',
    own: 0,
    writes: [b0gone],
    budget: { write: 1, restore: 1, unmount: 1, mount: 2, reload: 1 },
  },
  everything: {
    b: 'stored',
    own: 0,
    writes: [b0gone],
    budget: { write: 1, mutate: 1, drop: 1, evict: 1, compact: 1, prune: 1, restore: 1, mount: 1 },
  },
} as const satisfies Record<string, Scenario>
export type ScenarioName = keyof typeof scenarios

/** Any start, some writes, each fault not at all, once or twice: what nobody thought of. The seed is the whole choice. */
export const randomScenario = (seed: number): Scenario => {
  let state = seed
  const below = (n: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0
    return (state >>> 8) % n
  }
  const pick = <T>(first: T, ...rest: T[]): T => [first, ...rest][below(rest.length + 1)] ?? first
  const budget: Partial<Record<keyof Budget, number>> = { write: pick(1, 2, 3) }
  for (const fault of faults)
    if (fault !== 'write') budget[fault] = pick(0, 0, 0, 0, 1, 1, 1, fault === 'mutate' ? 1 : 2)
  return {
    b: pick('joined', 'absent', 'stored'),
    own: pick<Scenario['own']>(0, 1, 1, 'rejected'),
    writes: [b0gone, ...[a0, a0gone, b0on, b0off, b1, b2].filter(() => below(3) === 0)],
    budget,
  }
}
