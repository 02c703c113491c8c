import type { Cell } from '@durable-sync/core/wire'
import { type KindName, kindNames, kindOf } from './parity-table.ts'
import { leavesOf, type Operator, operatorsOf, type Question } from './predicates.ts'
import { cellCase } from './stored-values.ts'

type Counts = Map<string, number>

const increase = (counts: Counts, what: string, by: number) => counts.set(what, (counts.get(what) ?? 0) + by)

/** One operator and one kind of column. */
export interface CoveredCell {
  readonly op: Operator
  readonly kind: KindName
  readonly pairs: number
  /** How many cases of stored values it met. */
  readonly stored: number
  /** Those and the cases of literals. */
  readonly cases: number
  /** Pairs of the case that it met least. */
  readonly least: number
  readonly rarest: string
}

/** How often each operator met each kind of column, by what was stored and by what it was compared with. */
export class Coverage {
  readonly #rows: number
  /** What each column has stored, and how often. */
  readonly #stored: ReadonlyMap<string, Counts>
  readonly #counts = new Map<Operator, Map<KindName, Counts>>()

  constructor(cols: readonly string[], rows: readonly (readonly Cell[])[]) {
    this.#rows = rows.length
    this.#stored = new Map(
      cols.map((column, at) => {
        const counts: Counts = new Map()
        for (const cells of rows) increase(counts, `stored ${cellCase(cells[at] ?? null)}`, 1)
        return [column, counts]
      }),
    )
  }

  /** Counts a question, which was asked of every row, for every operator in it and every column that this operator speaks of. */
  readonly add = ({ predicate, literal }: Question): void => {
    const leaves = leavesOf(predicate)
    for (const op of new Set(operatorsOf(predicate))) {
      const isConnective = op === 'and' || op === 'or' || op === 'not'
      const spoken = leaves.filter((leaf) => isConnective || leaf.op === op)
      for (const column of new Set(spoken.map((leaf) => leaf.column))) {
        const counts = this.#of(op, kindOf(column))
        for (const [what, count] of this.#stored.get(column) ?? []) increase(counts, what, count)
        if (literal !== 'various') increase(counts, `given ${literal}`, this.#rows)
      }
    }
  }

  #of(op: Operator, kind: KindName): Counts {
    const byKind = this.#counts.get(op) ?? new Map<KindName, Counts>()
    const counts = byKind.get(kind) ?? new Map<string, number>()
    this.#counts.set(op, byKind)
    byKind.set(kind, counts)
    return counts
  }

  cells(): CoveredCell[] {
    return [...this.#counts].flatMap(([op, byKind]) =>
      [...byKind].map(([kind, cases]) => {
        const sorted = [...cases].sort((a, b) => a[1] - b[1])
        const stored = sorted.filter(([what]) => what.startsWith('stored '))
        return {
          op,
          kind,
          pairs: stored.reduce((sum, [, count]) => sum + count, 0),
          stored: stored.length,
          cases: cases.size,
          least: sorted[0]?.[1] ?? 0,
          rarest: sorted[0]?.[0] ?? '',
        }
      }),
    )
  }

  /** `pairs / cases / least` by operator and kind; `refused` where the server says no. */
  table(): string {
    const cells = this.cells()
    const width = 20
    const line = (first: string, rest: readonly string[]) =>
      [first.padEnd(12), ...rest.map((each) => each.padStart(width))].join('')
    return [
      line('', kindNames),
      ...[...this.#counts.keys()].map((op) =>
        line(
          op,
          kindNames.map((kind) => {
            const cell = cells.find((each) => each.op === op && each.kind === kind)
            return cell ? `${cell.pairs} / ${cell.cases} / ${cell.least}` : 'refused'
          }),
        ),
      ),
    ].join('\n')
  }
}
