import type { FigureResult, WorkloadResult } from './result.ts'
import type { Spread } from './statistics.ts'
import type { Unit } from './workload.ts'

const round = (value: number, digits: number): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })

/** Three digits that mean something, and none that do not. */
const short = (value: number): string => round(value, value === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2)

const amount = (value: number, unit: Unit): string =>
  unit === 'bytes' && value >= 1000 ? round(value, 0) : short(value)

function spread(found: Spread | undefined, show: (value: number) => string): string {
  if (!found) return '–'
  const [middle, min, max] = [show(found.median), show(found.min), show(found.max)]
  return min === max ? middle : `${middle} (${min}–${max})`
}

const line = ({ name, unit, product, floor, ratio }: FigureResult): string => {
  const show = (value: number) => amount(value, unit)
  return `| ${name} | ${unit} | ${spread(product, show)} | ${spread(floor, show)} | ${spread(ratio, short)} |`
}

/** One table a workload: median (min–max) over its runs. */
export function markdownTables(results: readonly WorkloadResult[]): string {
  const table = ({ name, title, runs, figures }: WorkloadResult) =>
    [
      `### ${name}: ${title}`,
      '',
      `| figure (${runs === 1 ? '1 run' : `${runs} runs`}) | unit | product | floor | ratio |`,
      '|---|---|---|---|---|',
      ...figures.map(line),
    ].join('\n')
  return results.map(table).join('\n\n')
}
