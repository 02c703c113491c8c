import type { Cell } from '@durable-sync/core/wire'
import { TABLES, type Table } from './schedule.ts'
import type { Tab } from './tab.ts'

type StoredRow = Readonly<Record<string, Cell>>
export type StoredTables = Readonly<Record<Table, readonly StoredRow[]>>

/** An application value as SQLite stores it. */
function cellOf(value: unknown): Cell {
  if (value === undefined || value === null) return null
  if (typeof value === 'string' || typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'bigint')
    return Number.isSafeInteger(Number(value)) ? Number(value) : { int: value.toString() }
  if (value instanceof Date) return value.getTime()
  if (value instanceof Uint8Array) return { hex: Buffer.from(value).toString('hex').toUpperCase() }
  return JSON.stringify(value)
}

/** Rows as text, one a line, so that two sets can be compared and their difference read. */
function linesOf(rows: readonly object[]): string[] {
  return rows
    .map((row) =>
      JSON.stringify(
        Object.entries(row)
          // TanStack adds properties of its own to the rows that it shows.
          .filter(([name]) => !name.startsWith('$'))
          .map(([name, value]) => [name, isCell(value) ? value : cellOf(value)])
          .sort(([one], [two]) => (String(one) < String(two) ? -1 : 1)),
      ),
    )
    .sort()
}

const isCell = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && ('hex' in value || 'int' in value)

/** How what a client shows differs from what the server stores, table by table; null when it does not. */
export function difference(tabs: readonly Tab[], stored: StoredTables): string | null {
  for (const table of TABLES) {
    const truth = linesOf(stored[table])
    for (const tab of tabs) {
      for (const [i, collection] of tab.shown(table).entries()) {
        const shown = linesOf(collection.toArray)
        const missing = truth.filter((line) => !shown.includes(line))
        const surplus = shown.filter((line) => !truth.includes(line))
        if (missing.length + surplus.length > 0 || shown.length !== truth.length) {
          const which = `client ${tab.name}, subscription ${i} to ${table}`
          return `${which}\n  lacks ${missing.join('\n        ')}\n  shows ${surplus.join('\n        ')}`
        }
      }
    }
  }
  return null
}
