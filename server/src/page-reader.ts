import { FRAME_TARGET_BYTES } from '@durable-sync/core/wire'
import { isExact } from './exact-key.ts'
import { boundOf, cursorOf } from './key-cursor.ts'

/** Rows of a page, in key order. */
export interface RowPage {
  /** JSON texts, one a row. */
  readonly rows: string[]
  /** The length of the texts, each with a comma. */
  readonly bytes: number
  /** The cursor of the key to go on after; null when there are no more rows. */
  readonly last: string | null
}

/** Statements over rows in key order. Their parameters are the key to begin after, as `CAST(? AS TEXT)` takes it, and a number. */
export interface PageStatements {
  /** `row`, the JSON text of so many rows. */
  readonly rows: string
  /** `hex`, the key of the row before which there are so many. */
  readonly keyAt: string
}

/** No text of JSON that SQLite builds has it: a line break inside a string is written as two other characters. */
const BETWEEN = '\n'
/** What is thought of rows before any was seen: the first text is short. */
const FIRST_ROW_BYTES = 16 * 1024
/** How full a text shall become, so that rows which are a little longer than the last ones fit, too. */
const AIM = 7 / 8
/** A page that is so full is sent: another statement for a few rows would cost more. */
const ENOUGH = 3 / 4
const MOST_ROWS = 1000
/** So many times fewer rows are tried where they were too much for one value of SQLite. */
const FEWER = 8

/**
 * Has SQLite put many rows into one text, which takes half the time of fetching them one by one. How many rows fit is known only when they
 * are there, so it is guessed from the last ones: the guess of their length goes up at once and comes down slowly. What was read beyond the
 * page is read again. Every statement is read to its end, so that no cursor stays open.
 */
export class PageReader {
  readonly #sql: SqlStorage
  readonly #rows: string
  readonly #keyAt: string
  readonly #keyCell: number
  #rowBytes = FIRST_ROW_BYTES

  /** The key is the cell number `keyCell` of a row. */
  constructor(sql: SqlStorage, { rows, keyAt }: PageStatements, keyCell: number) {
    this.#sql = sql
    this.#rows = `SELECT group_concat(row, char(${BETWEEN.charCodeAt(0)})) AS rows FROM (${rows})`
    this.#keyAt = keyAt
    this.#keyCell = keyCell
  }

  /** Rows after the cursor `after`, until `maxBytes` of text are reached or nearly; at least one. */
  page(after: string, maxBytes: number): RowPage {
    const rows: string[] = []
    let bytes = 0
    let last = after
    do {
      const { texts, isEnd } = this.#read(last, Math.min(maxBytes - bytes, FRAME_TARGET_BYTES))
      let taken = 0
      for (const text of texts) {
        rows.push(text)
        taken++
        bytes += text.length + 1
        if (bytes >= maxBytes) break
      }
      if (bytes < maxBytes && isEnd) return { rows, bytes, last: null }
      last = this.#cursor(rows.at(-1) ?? '', last, taken)
    } while (bytes < maxBytes * ENOUGH)
    return { rows, bytes, last }
  }

  #read(after: string, bytes: number): { texts: readonly string[]; isEnd: boolean } {
    let limit = clamp(Math.floor((bytes * AIM) / this.#rowBytes))
    for (;;) {
      const text = this.#joined(after, limit)
      if (text === null) return { texts: [], isEnd: true }
      if (text !== undefined) {
        const texts = text.split(BETWEEN)
        const each = text.length / texts.length
        this.#rowBytes = Math.max(each, (this.#rowBytes + each) / 2)
        return { texts, isEnd: texts.length < limit }
      }
      limit = clamp(Math.floor(limit / FEWER))
    }
  }

  /** Null where there are no rows, undefined where SQLite cannot hold so many in one text. */
  #joined(after: string, limit: number): string | null | undefined {
    try {
      return this.#sql.exec<{ rows: string | null }>(this.#rows, boundOf(after), limit).one().rows
    } catch (error) {
      if (limit === 1 || !String(error).includes('SQLITE_TOOBIG')) throw error
      return undefined
    }
  }

  /** Of `row`, the last of `taken` rows after `after`. Its bytes are read only where its text does not tell them. */
  #cursor(row: string, after: string, taken: number): string {
    const key = (JSON.parse(row) as string[])[this.#keyCell] ?? ''
    if (isExact(key)) return key
    return cursorOf(key, this.#sql.exec<{ hex: string }>(this.#keyAt, boundOf(after), taken - 1).one().hex)
  }
}

const clamp = (rows: number): number => Math.max(1, Math.min(rows, MOST_ROWS))
