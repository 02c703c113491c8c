import { type Spread, spreadOf } from './statistics.ts'
import type { Measurement, Unit, Workload } from './workload.ts'

export interface FigureResult {
  readonly name: string
  readonly unit: Unit
  readonly product?: Spread
  readonly floor?: Spread
  /** Product to floor, computed run by run: both sides of a pair had the same neighbours on the machine. */
  readonly ratio?: Spread
}

export interface WorkloadResult {
  readonly name: string
  readonly title: string
  /** Measurements that the figures are medians of. */
  readonly runs: number
  readonly figures: readonly FigureResult[]
}

/** One run of each side, one right after the other. */
export interface Pair {
  readonly product: Measurement
  readonly floor: Measurement
}

const given = (values: readonly (number | undefined)[]): number[] =>
  values.filter((value) => value !== undefined)

export function resultOf({ name, figures }: Workload, title: string, pairs: readonly Pair[]): WorkloadResult {
  return {
    name,
    title,
    runs: pairs.length,
    figures: figures.map((figure) => {
      const product = spreadOf(given(pairs.map((pair) => pair.product[figure.name])))
      const floor = spreadOf(given(pairs.map((pair) => pair.floor[figure.name])))
      const ratio = spreadOf(given(pairs.map((pair) => ratioOf(pair, figure.name))))
      return { ...figure, ...(product && { product }), ...(floor && { floor }), ...(ratio && { ratio }) }
    }),
  }
}

function ratioOf({ product, floor }: Pair, figure: string): number | undefined {
  const [ours, theirs] = [product[figure], floor[figure]]
  return ours === undefined || theirs === undefined || theirs === 0 ? undefined : ours / theirs
}
