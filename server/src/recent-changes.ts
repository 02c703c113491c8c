import type { LogRow } from './change-log.ts'
import { isExact } from './exact-key.ts'

/** What was logged after one number, read once for everybody who has everything up to there. */
export class RecentChanges {
  readonly #after: number
  #isExact = true
  /** By table: the newest number of each key. */
  readonly #tables = new Map<string, Map<string, number>>()
  readonly #newest = new Map<string, number>()

  constructor(after: number, rows: readonly LogRow[]) {
    this.#after = after
    for (const { seq, tbl, key } of rows) {
      this.#isExact &&= isExact(key)
      const keys = this.#tables.get(tbl) ?? new Map<string, number>()
      this.#tables.set(tbl, keys.set(key, seq))
      this.#newest.set(tbl, seq)
    }
  }

  /** Whether it knows everything that was logged after `seq`. Not where it had to spell a key otherwise than SQLite has it. */
  covers(seq: number): boolean {
    return this.#isExact && seq >= this.#after
  }

  tablesSince(seq: number): ReadonlySet<string> {
    const tables = new Set<string>()
    for (const [table, newest] of this.#newest) if (newest > seq) tables.add(table)
    return tables
  }

  keysSince(table: string, seq: number): string[] {
    const keys: string[] = []
    for (const [key, newest] of this.#tables.get(table) ?? []) if (newest > seq) keys.push(key)
    return keys
  }
}
