/** What of an object's storage has no room any more: the author's tables, or everything. */
export type Full = 'nothing' | 'tables' | 'everything'

const WRITES = /^\s*(INSERT|UPDATE|REPLACE)\b/i
const INTERNAL = /\b_sync_/

/**
 * A stand-in for the ten gigabytes of an object, which no test fills: statements that need room fail as SQLite's do. Install it before the
 * object is constructed.
 */
export class FullStorage {
  full: Full = 'nothing'

  constructor(sql: SqlStorage) {
    const exec = sql.exec
    Object.defineProperty(sql, 'exec', {
      value: (text: string, ...bindings: unknown[]) => {
        if (this.#refuses(text)) throw new Error('database or disk is full: SQLITE_FULL')
        return Reflect.apply(exec, sql, [text, ...bindings])
      },
      configurable: true,
    })
  }

  #refuses(text: string): boolean {
    if (this.full === 'nothing' || !WRITES.test(text)) return false
    return this.full === 'everything' || !INTERNAL.test(text)
  }
}
