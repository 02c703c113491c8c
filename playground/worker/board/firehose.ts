import type { Sql } from '@durable-sync/server'
import { firehoseChanges, LEADERS } from './firehose-changes.ts'
import { TASK_COUNT } from './task-count.ts'

const TICK_MS = 100
const CHANGES_PER_TICK = 10

type Write = <T>(write: (sql: Sql) => T) => T

/**
 * Changes a hundred tasks a second for as long as the table says so. The timer keeps the object awake, so there is one only while the
 * firehose is open: an idle board sleeps.
 */
export class Firehose {
  readonly #write: Write
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(write: Write) {
    this.#write = write
  }

  /** Looks at the table in the next turn: a command that opens it has not been committed yet. */
  open(): void {
    this.#timer ??= setTimeout(this.#tick)
  }

  readonly #tick = (): void => {
    const goesOn = this.#write((sql) => {
      const { until } = sql.exec<{ until: number }>('SELECT until FROM firehose').one()
      if (until > Date.now()) changeTasks(sql)
      else if (until > 0) sql.exec('UPDATE firehose SET until = 0')
      return until > Date.now()
    })
    this.#timer = goesOn ? setTimeout(this.#tick, TICK_MS) : undefined
  }
}

function changeTasks(sql: Sql): void {
  const leaders = sql
    .exec<{ id: string; votes: number }>(
      `SELECT id, votes FROM tasks ORDER BY votes DESC, id LIMIT ${LEADERS}`,
    )
    .toArray()
  for (const { id, votes } of firehoseChanges(leaders, TASK_COUNT, CHANGES_PER_TICK, Math.random))
    sql.exec('UPDATE tasks SET votes = max(0, votes + ?), updated_at = ? WHERE id = ?', votes, Date.now(), id)
}
