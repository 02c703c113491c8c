export interface RowCounts {
  readonly rowsRead: number
  readonly rowsWritten: number
  /** Rows written by the text of the statement, those that wrote none left out. */
  readonly byStatement: Readonly<Record<string, number>>
  /** Rows read by the text of the statement, those that read none left out. */
  readonly readByStatement: Readonly<Record<string, number>>
}

/** A statement as it was run. */
export interface Run {
  readonly text: string
  readonly bindings: readonly unknown[]
}

interface Counted {
  readonly text: string
  readonly cursor: { readonly rowsRead: number; readonly rowsWritten: number }
}

/**
 * Counts what every statement of an object reads and writes, whoever runs it: the library's own included. Install it before the object
 * is constructed.
 */
export class RowCounter {
  #open: Counted[] = []
  #rowsRead = 0
  #rowsWritten = 0
  #byStatement = new Map<string, number>()
  #readByStatement = new Map<string, number>()
  readonly #last = new Map<string, Run>()

  constructor(sql: SqlStorage) {
    const exec = sql.exec
    // The wrapper of `ctx.storage.sql` is one object for the life of the instance, so an own property reaches every caller.
    Object.defineProperty(sql, 'exec', {
      value: (text: string, ...bindings: unknown[]) => {
        const cursor = Reflect.apply(exec, sql, [text, ...bindings]) as Counted['cursor']
        this.#open.push({ text, cursor })
        if (this.#last.size < 500) this.#last.set(text, { text, bindings })
        if (this.#open.length > 1000) this.#fold()
        return cursor
      },
    })
  }

  /** A cursor counts while it is read, so its numbers are taken as late as possible. */
  #fold(): void {
    for (const { text, cursor } of this.#open) {
      this.#rowsRead += cursor.rowsRead
      this.#rowsWritten += cursor.rowsWritten
      add(this.#byStatement, text, cursor.rowsWritten)
      add(this.#readByStatement, text, cursor.rowsRead)
    }
    this.#open = []
  }

  counts(): RowCounts {
    this.#fold()
    return {
      rowsRead: this.#rowsRead,
      rowsWritten: this.#rowsWritten,
      byStatement: Object.fromEntries(this.#byStatement),
      readByStatement: Object.fromEntries(this.#readByStatement),
    }
  }

  /** The statements that were run since the last reset, each as it was run last. */
  statements(): readonly Run[] {
    return [...this.#last.values()]
  }

  reset(): void {
    this.#last.clear()
    this.#open = []
    this.#rowsRead = 0
    this.#rowsWritten = 0
    this.#byStatement = new Map()
    this.#readByStatement = new Map()
  }
}

function add(counts: Map<string, number>, text: string, count: number): void {
  if (count > 0) counts.set(text, (counts.get(text) ?? 0) + count)
}
