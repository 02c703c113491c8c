import type { LogRow } from './change-log.ts'
import { isExact } from './exact-key.ts'

/** What was logged after one number, read once for everybody who has everything up to there. */
export class RecentChanges {
  readonly #after: number
  #isExact = true
  /** By table: the newest number of each key. */
  readonly #tables = new Map<string, Map<string, number>>()

  constructor(after: number, rows: readonly LogRow[]) {
    this.#after = after
    for (const { seq, tbl, key } of rows) {
      this.#isExact &&= isExact(key)
      const keys = this.#tables.get(tbl) ?? new Map<string, number>()
      this.#tables.set(tbl, keys.set(key, seq))
    }
  }

  /** Whether it knows everything that was logged after `seq`. Not where it had to spell a key otherwise than SQLite has it. */
  covers(seq: number): boolean {
    return this.#isExact && seq >= this.#after
  }

  tablesSince(seq: number): ReadonlySet<string> {
    return new Set([...this.#tables.keys()].filter((table) => this.keysSince(table, seq).length > 0))
  }

  keysSince(table: string, seq: number): string[] {
    return [...(this.#tables.get(table) ?? [])].flatMap(([key, newest]) => (newest > seq ? [key] : []))
  }
}
