import type { FigureResult, WorkloadResult } from './result.ts'
import { ALONE } from './tanstack-alone.ts'

/** What the project asks of itself. */
export interface Aim {
  readonly workload: string
  readonly figure: string
  /** The ratio to this side, or the product's own figure. */
  readonly against: 'floor' | typeof ALONE | undefined
  /** The product's figure, or its ratio, is at most this. */
  readonly most: number
}

const AIMS: readonly Aim[] = [
  { workload: 'W1', figure: 'write to confirmed, p50', against: 'floor', most: 1.5 },
  { workload: 'W1', figure: 'write to visible at a second client, p50', against: 'floor', most: 1.5 },
  { workload: 'W2a', figure: 'until all are visible at a second client', against: ALONE, most: 1.3 },
  { workload: 'W2b', figure: 'until all are visible at a second client', against: 'floor', most: 2.5 },
  // 70 % of the floor's deliveries a second.
  { workload: 'W3', figure: 'until all clients have all rows', against: 'floor', most: 1 / 0.7 },
  { workload: 'W4', figure: 'dial to all rows', against: 'floor', most: 1.5 },
  { workload: 'W4', figure: 'bytes down', against: 'floor', most: 1.05 },
  { workload: 'W5', figure: 'bytes down', against: 'floor', most: 1.5 },
  { workload: 'W6', figure: 'rows written, an insert alone in its turn', against: undefined, most: 3 },
  { workload: 'W6', figure: 'rows read, an insert alone in its turn', against: undefined, most: 4 },
  {
    workload: 'W6',
    figure: 'rows written, an update alone in its turn, before its compaction',
    against: undefined,
    most: 3,
  },
  {
    workload: 'W6',
    figure: 'rows read, an update alone in its turn, before its compaction',
    against: undefined,
    most: 4,
  },
  { workload: 'W6', figure: 'rows written, an update, 50 a tick', against: undefined, most: 3 },
  { workload: 'W6', figure: 'rows read, an update, 50 a tick', against: undefined, most: 4 },
  {
    workload: 'W6',
    figure: 'database after all updates ÷ after one, once compacted',
    against: undefined,
    most: 1.05,
  },
  { workload: 'W7', figure: 'client, gzipped', against: undefined, most: 16_000 },
  // Four times as many clients: where each had to do with all others, this would be four.
  {
    workload: 'W8',
    figure: 'CPU of the server, a client ÷ the same with a quarter of them',
    against: undefined,
    most: 1.5,
  },
  // Twice as many sockets for the same filters: what is sent doubles, what is matched does not. The floor only sends.
  {
    workload: 'W9',
    figure: 'CPU of the server, a change: two clients a filter ÷ one client a filter',
    against: 'floor',
    most: 1,
  },
  { workload: 'W10', figure: 'navigation to the first row on screen', against: ALONE, most: 1.3 },
  {
    workload: 'W11',
    figure: 'memory of the object: heap of its isolate at its highest',
    against: undefined,
    most: 128,
  },
  // Of the 128 MB of an object; its process has no such limit, so what it held before does not count.
  {
    workload: 'W11',
    figure: 'memory of the object: what the loads add to its process at the highest',
    against: undefined,
    most: 128,
  },
  {
    workload: 'W12',
    figure: 'memory of the object: what they add to its process at the highest',
    against: undefined,
    most: 128,
  },
]

/** An aim, and where it stands; undefined where the results do not have it. */
export type Standing = Aim & { readonly found: number | undefined }

export function standings(results: readonly WorkloadResult[]): Standing[] {
  return AIMS.map((aim) => {
    const figure = results
      .find(({ name }) => name === aim.workload)
      ?.figures.find(({ name }) => name === aim.figure)
    return { ...aim, found: figure && found(figure, aim) }
  })
}

const found = ({ sides, ratios }: FigureResult, { against }: Aim): number | undefined =>
  against === undefined ? sides.product?.median : ratios[against]?.median
