import type { FigureResult, WorkloadResult } from './result.ts'
import type { Spread } from './statistics.ts'
import type { Unit } from './workload.ts'

const round = (value: number, digits: number): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })

/** Three digits that mean something, and none that do not. */
function short(value: number): string {
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

const line = ({ name, unit, ...found }: FigureResult, sides: readonly string[]): string => {
  const show = (value: number) => amount(value, unit)
  const figures = sides.map((side) => spread(found.sides[side], show))
  const ratios = sides.slice(1).map((side) => spread(found.ratios[side], short))
  return cells([name, unit, ...figures, ...ratios])
}

/** One table a workload: median (min–max) over its runs. */
export function markdownTables(results: readonly WorkloadResult[]): string {
  const table = ({ name, title, runs, sides, figures }: WorkloadResult) => {
    const [first, ...others] = sides
    const ratios = others.map((side) => `${first} ÷ ${side}`)
    const head = [`figure (${runs === 1 ? '1 run' : `${runs} runs`})`, 'unit', ...sides, ...ratios]
    return [
      `### ${name}: ${title}`,
      '',
      cells(head),
      `|${'---|'.repeat(head.length)}`,
      ...figures.map((figure) => line(figure, sides)),
    ].join('\n')
  }
  return results.map(table).join('\n\n')
}
