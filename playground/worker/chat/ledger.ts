import type { Sql } from '@durable-sync/server'

/** What became of the numbered messages of one writer. There is one row for each writer who numbers messages. */
export interface LedgerRow {
  /** The id of the writer. */
  readonly id: string
  /** How many numbers there are from the first to the highest that were seen here. */
  readonly written: number
  readonly applied: number
  readonly refused: number
  /** Numbers in between that never came. */
  readonly lost: number
  /** How often a message was applied that was there already. */
  readonly doubled: number
}

/** Deliveries are counted apart from messages, which can be cleared away. `first` is not 1 for a writer who was here before the object. */
export const CREATE_LEDGER = `
  CREATE TABLE IF NOT EXISTS deliveries (
    writer TEXT NOT NULL, number INTEGER NOT NULL, applied INTEGER NOT NULL, PRIMARY KEY (writer, number)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS ledger (
    id TEXT PRIMARY KEY, first INTEGER NOT NULL, highest INTEGER NOT NULL, written INTEGER NOT NULL, applied INTEGER NOT NULL,
    refused INTEGER NOT NULL, lost INTEGER NOT NULL, doubled INTEGER NOT NULL
  ) WITHOUT ROWID`

export interface MessageNumber {
  readonly writer: string
  readonly number: number
}

const NUMBERED = /^([\w-]{1,64})\.(\d{1,9})$/

/** The writer and the number in an id such as `ada.12`; undefined for an id of any other kind. */
export function messageNumber(id: string): MessageNumber | undefined {
  const [, writer, number] = NUMBERED.exec(id) ?? []
  return writer === undefined ? undefined : { writer, number: Number(number) }
}

/** For `execute`: it runs once for each message, or something is wrong, and then this tells. */
export function countApplied(sql: Sql, { writer, number }: MessageNumber): void {
  const known = applied(sql, writer, number)
  sql.exec(
    'INSERT INTO deliveries (writer, number, applied) VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET applied = applied + 1',
    writer,
    number,
  )
  if (known === undefined) note(sql, writer, number, { applied: 1, refused: 0, doubled: 0 })
  else if (known > 0) note(sql, writer, number, { applied: 0, refused: 0, doubled: 1 })
  // It was refused before, and somebody tried again.
  else note(sql, writer, number, { applied: 1, refused: -1, doubled: 0 })
}

/** For `authorize`: in the transaction it would be rolled back with what is refused. */
export function countRefused(sql: Sql, { writer, number }: MessageNumber): void {
  if (applied(sql, writer, number) !== undefined) return
  sql.exec('INSERT INTO deliveries (writer, number, applied) VALUES (?, ?, 0)', writer, number)
  note(sql, writer, number, { applied: 0, refused: 1, doubled: 0 })
}

/** How often this one was applied; undefined when it was never seen. */
const applied = (sql: Sql, writer: string, number: number): number | undefined =>
  sql
    .exec<{ applied: number }>(
      'SELECT applied FROM deliveries WHERE writer = ? AND number = ?',
      writer,
      number,
    )
    .toArray()[0]?.applied

type Fate = Pick<LedgerRow, 'applied' | 'refused' | 'doubled'>

function note(sql: Sql, writer: string, number: number, fate: Fate): void {
  sql.exec(
    `INSERT INTO ledger (id, first, highest, written, applied, refused, lost, doubled) VALUES (?1, ?2, ?2, 0, 0, 0, 0, 0)
     ON CONFLICT DO UPDATE SET first = min(first, ?2), highest = max(highest, ?2)`,
    writer,
    number,
  )
  sql.exec(
    `UPDATE ledger SET written = highest - first + 1, applied = applied + ?2, refused = refused + ?3, doubled = doubled + ?4,
       lost = highest - first + 1 - (applied + ?2) - (refused + ?3) WHERE id = ?1`,
    writer,
    fate.applied,
    fate.refused,
    fate.doubled,
  )
}
