import { type Spread, spreadOf } from './statistics.ts'
import type { Measurement, Unit, Workload } from './workload.ts'

export interface FigureResult {
  readonly name: string
  readonly unit: Unit
  /** By the name of the side. A side that does not have this figure is left out. */
  readonly sides: Readonly<Record<string, Spread>>
  /** The first side to each other one, computed run by run: all sides of a round had the same neighbours on the machine. */
  readonly ratios: Readonly<Record<string, Spread>>
}

export interface WorkloadResult {
  readonly name: string
  readonly title: string
  /** Measurements that the figures are medians of. */
  readonly runs: number
  /** Names in the order in which they were measured. */
  readonly sides: readonly string[]
  readonly figures: readonly FigureResult[]
}

/** One run of each side, one right after the other, by the name of the side. */
export type Round = Readonly<Record<string, Measurement>>

export function resultOf(
  { name, figures }: Pick<Workload, 'name' | 'figures'>,
  title: string,
  sides: readonly string[],
  rounds: readonly Round[],
): WorkloadResult {
  const [first = '', ...others] = sides
  return {
    name,
    title,
    runs: rounds.length,
    sides,
    figures: figures.map((figure) => ({
      ...figure,
      sides: spreads(sides, rounds, (round, side) => round[side]?.[figure.name]),
      ratios: spreads(others, rounds, (round, side) =>
        ratio(round[first]?.[figure.name], round[side]?.[figure.name]),
      ),
    })),
  }
}

function spreads(
  sides: readonly string[],
  rounds: readonly Round[],
  value: (round: Round, side: string) => number | undefined,
): Record<string, Spread> {
  const found: Record<string, Spread> = {}
  for (const side of sides) {
    const values = rounds.map((round) => value(round, side)).filter((given) => given !== undefined)
    const spread = spreadOf(values)
    if (spread) found[side] = spread
  }
  return found
}

const ratio = (ours: number | undefined, theirs: number | undefined): number | undefined =>
  ours === undefined || theirs === undefined || theirs === 0 ? undefined : ours / theirs
