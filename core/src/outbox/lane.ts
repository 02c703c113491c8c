import type { Entry } from './entry.ts'

/**
 * What is known of one client id. Whose writes are numbered under it says `made`: this outbox retires what it has made itself.
 *
 * undeclared  the current socket does not know it, or there is none.
 * declared    by the hello, or by `open`.
 * spent       the server runs nothing more under it.
 */
export interface Lane {
  readonly made: 'here' | 'elsewhere'
  readonly link: 'undeclared' | 'declared' | 'spent'
  /** The next number that goes to this socket: what is missing before a write is skipped. Null: the server has not said. */
  readonly expects: number | null
  /** Everything below is decided by the history that this socket speaks to. Null: the server has not said. */
  readonly floor: number | null
  /** The highest number that was ever decided. */
  readonly heard: number
  /** The highest number whose outcome the server keeps for us: a rejection, a command's result, a skip. */
  readonly kept: number
  /** Up to where the server was told that it may forget outcomes. */
  readonly told: number
  /** Numbers whose outcome the server keeps, and the storage does not yet. */
  readonly forgetting: ReadonlySet<number>
}

export type Lanes = ReadonlyMap<string, Lane>

const NONE: ReadonlySet<number> = new Set()

const UNKNOWN: Lane = {
  made: 'elsewhere',
  link: 'undeclared',
  expects: null,
  floor: null,
  heard: 0,
  kept: 0,
  told: 0,
  forgetting: NONE,
}

/** The lane of a client id that nobody else can have used. */
export const NEW_LANE: Lane = { ...UNKNOWN, made: 'here', expects: 1, floor: 1 }

export const laneOf = (lanes: Lanes, cid: string): Lane => lanes.get(cid) ?? UNKNOWN

export const withLane = (lanes: Lanes, cid: string, change: Partial<Lane>): Lanes =>
  new Map(lanes).set(cid, { ...laneOf(lanes, cid), ...change })

/** Without a socket nothing is declared; lanes that say nothing any more go. `own`: what is written under. */
export function unlinked(lanes: Lanes, entries: readonly Entry[], own: string | undefined): Lanes {
  const used = new Set([own, ...entries.map(({ number }) => number.cid)])
  const left = new Map<string, Lane>()
  for (const [cid, lane] of lanes) {
    const owed = lane.forgetting.size > 0 || (lane.made === 'here' && lane.heard > 0)
    if (!owed && !used.has(cid)) continue
    left.set(cid, { ...lane, link: 'undeclared', expects: null, floor: null })
  }
  return left
}

/** How many client ids the current socket knows. */
export function declaredCids(lanes: Lanes): number {
  let count = 0
  for (const { link } of lanes.values()) if (link !== 'undeclared') count++
  return count
}

/** For each client id with writes that are not decided, the first of them. */
function firstOpen(entries: readonly Entry[]): ReadonlyMap<string, number> {
  const first = new Map<string, number>()
  for (const { number, stage } of entries) {
    if (stage.is === 'decided') continue
    const { cid, n } = number
    first.set(cid, Math.min(first.get(cid) ?? n, n))
  }
  return first
}

/** Up to which number of each client id every outcome has arrived, and nothing is lost when the server forgets it. */
export function seenThrough(lanes: Lanes, entries: readonly Entry[]): (cid: string) => number {
  const first = firstOpen(entries)
  return (cid) => {
    const { heard, forgetting } = laneOf(lanes, cid)
    const open = first.get(cid)
    return Math.min(open === undefined ? heard : open - 1, ...[...forgetting].map((n) => n - 1))
  }
}
