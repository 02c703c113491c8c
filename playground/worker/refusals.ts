import type { Sql } from '@durable-sync/server'

/** Somebody who asked that their next write be refused. */
export interface Refusal {
  /** The id of the person. */
  readonly id: string
}

/** What an object needs that refuses on demand. */
export const CREATE_REFUSALS = 'CREATE TABLE IF NOT EXISTS refusals (id TEXT PRIMARY KEY) WITHOUT ROWID'

/** The next write of this person is refused, whenever it comes. */
export function askForRefusal(sql: Sql, userId: string): void {
  sql.exec('INSERT INTO refusals (id) VALUES (?) ON CONFLICT DO NOTHING', userId)
}

/**
 * For `authorize`, after everything else that it looks at. In `check` the refusal would roll back that it was used up, and every further
 * write would be refused, too.
 * @throws Error if they asked for it, once.
 */
export function refuseIfAsked(sql: Sql, userId: string): void {
  const asked = sql.exec('DELETE FROM refusals WHERE id = ? RETURNING id', userId).toArray()
  if (asked.length > 0) throw new Error('You asked for this to be refused.')
}
