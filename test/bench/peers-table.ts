import { short, table } from './markdown-table.ts'
import type { WorkloadResult } from './result.ts'

/** What a reader asks first. The tables of `test/peers` have the rest. */
const LINES: readonly (readonly [workload: string, figure: string])[] = [
  ['W2a', 'until all are visible at a second client'],
  ['W2a', 'until all are stored'],
  ['W2b', 'until all are visible at a second client'],
  ['W2b', 'until all are stored'],
  ['W2a', 'bytes up, a write'],
  ['W2a', 'bytes down, a write'],
  ['W3', 'until all clients have all rows'],
  ['W4', 'dial to all rows'],
  ['W4', 'bytes down'],
  ['W5', 'dial to all changes'],
  ['W5', 'bytes up'],
  ['W5', 'bytes down'],
  ['W6', 'rows written, an insert alone in its turn'],
  ['W6', 'rows read, an insert alone in its turn'],
  ['W6', 'rows written, an update, 50 a tick'],
  ['W6', 'database bytes after all updates, once compacted'],
  ['W7', 'client that syncs, gzipped'],
]

/** Medians of all sides, one line a figure. @throws Error where the results do not have one of them. */
export function peersTable(results: readonly WorkloadResult[]): string {
  const sides = results[0]?.sides ?? []
  const lines = LINES.map(([workload, name]) => {
    const figure = results
      .find((result) => result.name === workload)
      ?.figures.find((found) => found.name === name)
    if (!figure) throw new Error(`the results have no figure "${name}" of ${workload}`)
    const medians = sides.map((side) => figure.sides[side]?.median)
    return [
      workload,
      name,
      figure.unit,
      ...medians.map((median) => (median === undefined ? '–' : short(median))),
    ]
  })
  return table(['', 'figure', 'unit', ...sides], lines)
}
