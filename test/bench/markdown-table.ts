import { standings } from './aims.ts'
import type { FigureResult, WorkloadResult } from './result.ts'
import type { Spread } from './statistics.ts'
import type { Unit } from './workload.ts'

const round = (value: number, digits: number): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })

/** Three digits that mean something, and none that do not. */
export function short(value: number): string {
  if (value === 0 || value >= 100) return round(value, 0)
  if (value >= 10) return round(value, 1)
  return round(value, value >= 0.1 ? 2 : 4)
}

const amount = (value: number, unit: Unit): string =>
  unit === 'bytes' && value >= 1000 ? round(value, 0) : short(value)

function spread(found: Spread | undefined, show: (value: number) => string): string {
  if (!found) return '–'
  const [middle, min, max] = [show(found.median), show(found.min), show(found.max)]
  return min === max ? middle : `${middle} (${min}–${max})`
}

const cells = (texts: readonly string[]): string => `| ${texts.join(' | ')} |`

export const table = (head: readonly string[], lines: readonly (readonly string[])[]): string =>
  [cells(head), `|${'---|'.repeat(head.length)}`, ...lines.map(cells)].join('\n')

/** Ratios are those of the first side to each of `compared`. */
function figureTable(
  { name, title, runs, sides: [first = ''], figures }: WorkloadResult,
  columns: readonly string[],
  compared: readonly string[],
): string {
  const ratios = compared.map((side) => `${first} ÷ ${side}`)
  const line = ({ name: figure, unit, ...found }: FigureResult) => [
    figure,
    unit,
    ...columns.map((side) => spread(found.sides[side], (value) => amount(value, unit))),
    ...compared.map((side) => spread(found.ratios[side], short)),
  ]
  const head = [`figure (${runs === 1 ? '1 run' : `${runs} runs`})`, 'unit', ...columns, ...ratios]
  return `### ${name}: ${title}\n\n${table(head, figures.map(line))}`
}

/** One table a workload: median (min–max) over its runs. */
export const markdownTables = (results: readonly WorkloadResult[]): string =>
  results.map((result) => figureTable(result, result.sides, result.sides.slice(1))).join('\n\n')

/** One table a growth: a column for each size, and what the largest costs beside the smallest. */
export const growthTables = (results: readonly WorkloadResult[]): string =>
  results
    .map((result) => figureTable(result, [...result.sides].reverse(), result.sides.slice(-1)))
    .join('\n\n')

/** What the project asks of itself, and what the results say of it. */
export function aimsTable(results: readonly WorkloadResult[]): string {
  const lines = standings(results).map(({ workload, figure, against, most, found }) => [
    workload,
    against === undefined ? figure : `${figure}, ÷ ${against}`,
    short(most),
    found === undefined ? 'not measured' : short(found),
    found === undefined ? '' : found <= most ? 'yes' : '**no**',
  ])
  return table(['', 'figure of the product', 'at most', 'found', 'reached'], lines)
}
