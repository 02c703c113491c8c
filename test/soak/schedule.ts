import { Dice } from './dice.ts'
import type { RoomFault } from './fault-kind.ts'

export const TABLES = ['todos', 'notes', 'jobs'] as const
export type Table = (typeof TABLES)[number]

export const TABS = ['a', 'b'] as const
/** Two clients in one room. */
export type TabName = (typeof TABS)[number]

/**
 * How the object itself writes. `unflushed`: past the library, and nobody is told before the next event or wake. `unwatched`: to a table
 * that nobody shows, so that the positions of the sockets fall behind the head.
 */
export type ServerWrite = 'sql' | 'transaction' | 'raw' | 'unflushed' | 'unwatched'

export type Step =
  | { readonly do: 'write'; readonly tab: TabName; readonly writes: number }
  | { readonly do: 'server write'; readonly how: ServerWrite; readonly statements: number }
  /** A further subscription to a table, in the place of the last further one. */
  | { readonly do: 'mount'; readonly tab: TabName; readonly table: Table }
  /** Waits until the client has nothing pending. */
  | { readonly do: 'settle'; readonly tab: TabName }
  | { readonly do: 'pause'; readonly ms: number }
  | { readonly do: 'drop'; readonly tab: TabName }
  | { readonly do: 'cut'; readonly tab: TabName; readonly frame: number; readonly arrives: boolean }
  | { readonly do: 'swallow' | 'lose'; readonly tab: TabName }
  | { readonly do: 'delay'; readonly tab: TabName; readonly way: 'up' | 'down' }
  /** Ends a delay. */
  | { readonly do: 'release'; readonly tab: TabName }
  | { readonly do: 'away' | 'back'; readonly tab: TabName }
  | { readonly do: 'crash'; readonly tab: TabName }
  | { readonly do: 'evict' | 'abort' | 'compact' | 'prune' | 'wipe' }

/** What a schedule is made of. Weights say how often one thing comes in comparison with the others. */
export interface Profile {
  readonly faults: Readonly<Partial<Record<RoomFault, number>>>
  readonly faultsPerSegment: readonly [low: number, high: number]
  readonly serverWrites: Readonly<Partial<Record<ServerWrite, number>>>
  /** How often a segment has a further subscription. */
  readonly mounts: number
  /** How often the clients are busy with writes at the moment of a fault. */
  readonly busy: number
}

/** Segments run from one fault of the process to the next. */
export interface Schedule {
  readonly seed: number
  readonly segments: readonly (readonly Step[])[]
}

export const EVERYTHING: Profile = {
  faults: {
    drop: 8,
    cut: 10,
    swallow: 8,
    lose: 8,
    delay: 8,
    away: 7,
    evict: 10,
    abort: 8,
    crash: 6,
    compact: 8,
    prune: 9,
    wipe: 7,
  },
  faultsPerSegment: [1, 3],
  serverWrites: { sql: 4, transaction: 3, raw: 2, unflushed: 1, unwatched: 1 },
  mounts: 0.5,
  busy: 0.9,
}

export const other = (tab: TabName): TabName => (tab === 'a' ? 'b' : 'a')

class Draft {
  readonly steps: Step[] = []
  readonly #dice: Dice
  readonly #profile: Profile

  constructor(dice: Dice, profile: Profile) {
    this.#dice = dice
    this.#profile = profile
  }

  write(tab: TabName): void {
    this.steps.push({ do: 'write', tab, writes: this.#dice.between(1, 4) })
  }

  serverWrite(): void {
    const how = this.#dice.weighted(this.#profile.serverWrites)
    this.steps.push({ do: 'server write', how, statements: this.#dice.between(1, 5) })
  }

  mount(): void {
    this.steps.push({ do: 'mount', tab: this.#dice.pick(TABS), table: this.#dice.pick(TABLES) })
  }

  /** What happens between two faults. */
  work(): void {
    for (const tab of TABS) if (this.#dice.chance(0.7)) this.write(tab)
    if (this.#dice.chance(0.6)) this.serverWrite()
    if (this.#dice.chance(this.#profile.mounts)) this.mount()
    if (this.#dice.chance(0.3)) this.steps.push({ do: 'settle', tab: this.#dice.pick(TABS) })
    else if (this.#dice.chance(0.4)) this.steps.push({ do: 'pause', ms: this.#dice.between(1, 12) })
  }

  fault(): void {
    const dice = this.#dice
    const tab = dice.pick(TABS)
    const kind = dice.weighted(this.#profile.faults)
    switch (kind) {
      case 'cut':
        this.steps.push({ do: 'cut', tab, frame: dice.between(1, 8), arrives: dice.chance(0.6) })
        // Later frames of the cut belong to the next handshake and to the joins after it.
        if (dice.chance(0.4)) this.steps.push({ do: 'drop', tab })
        this.write(tab)
        break
      case 'swallow':
      case 'lose':
        this.steps.push({ do: kind, tab })
        if (kind === 'lose') this.write(other(tab))
        this.serverWrite()
        break
      case 'delay':
        this.steps.push({ do: 'delay', tab, way: dice.chance(0.6) ? 'down' : 'up' })
        this.meanwhile(tab)
        this.steps.push({ do: 'release', tab })
        break
      case 'away':
        this.steps.push({ do: 'away', tab })
        this.meanwhile(tab)
        this.steps.push({ do: 'back', tab })
        break
      case 'drop':
      case 'crash':
        this.steps.push({ do: kind, tab })
        break
      case 'prune':
        this.prune()
        break
      case 'evict':
      case 'abort':
      case 'compact':
      case 'wipe':
        this.steps.push({ do: kind })
        break
      default:
        kind satisfies never
    }
  }

  /** While one client is out of reach. */
  meanwhile(tab: TabName): void {
    this.write(tab)
    this.write(other(tab))
    if (this.#dice.chance(0.6)) this.serverWrite()
    const { compact = 0, prune = 0 } = this.#profile.faults
    if (compact > 0 && this.#dice.chance(0.3)) this.steps.push({ do: 'compact' })
    if (prune > 0 && this.#dice.chance(0.3)) this.prune()
  }

  /** Only an instance that has written begins an era to prune below. */
  prune(): void {
    if (this.#dice.chance(0.7)) this.steps.push({ do: 'evict' })
    if (this.#dice.chance(0.4)) this.steps.push({ do: 'server write', how: 'unwatched', statements: 1 })
    else this.serverWrite()
    this.steps.push({ do: 'prune' })
  }
}

/** The schedule of this seed: always the same. */
export function scheduleOf(seed: number, segments: number, profile: Profile): Schedule {
  const dice = new Dice(seed)
  const made: Step[][] = []
  for (let i = 0; i < segments; i++) {
    const draft = new Draft(dice, profile)
    const faults = dice.between(...profile.faultsPerSegment)
    for (let j = 0; j < faults; j++) {
      draft.work()
      draft.fault()
    }
    draft.work()
    made.push(draft.steps)
  }
  return { seed, segments: made }
}
