import { SyncRegistry } from '@durable-sync/server/registry'
import type { Claims } from '../claims.ts'
import { askForRefusal, type Refusal, refuseIfAsked } from '../refusals.ts'

export const STATUSES = ['open', 'doing', 'done'] as const
export type Status = (typeof STATUSES)[number]

export interface Task {
  readonly id: string
  readonly title: string
  readonly status: Status
  /** What the board is ordered by: whole numbers from 0. */
  readonly votes: number
  /** Milliseconds since 1970, by the clock of whoever changed it. */
  readonly updated_at: number
}

/** Whether the board changes by itself. There is one row. */
export interface Firehose {
  readonly id: 'firehose'
  /** When it stops, in milliseconds since 1970; 0 while it is off. */
  readonly until: number
}

const FIREHOSE_MS = 60_000

/** What a page may do on a board. `firehose` is called when somebody has opened it, before that is committed. */
export const boardRegistry = (firehose: () => void) =>
  new SyncRegistry<Claims, object, { tasks: Task; firehose: Firehose; refusals: Refusal }>()
    .defineCollection({ table: 'tasks', pk: 'id' })
    .defineCollection({ table: 'firehose', pk: 'id' })
    .defineCollection({ table: 'refusals', pk: 'id' })
    .defineMutation({
      collection: 'tasks',
      type: 'update',
      writable: ['status', 'votes', 'updated_at'],
      authorize: ({ user, sql }) => refuseIfAsked(sql, user.userId),
      check: ({ op: { cols }, row }) => {
        if (!row) throw new Error('This task is gone.')
        if (cols.status !== undefined && !STATUSES.includes(cols.status)) throw new Error('No such status.')
        if (cols.votes !== undefined && !(Number.isSafeInteger(cols.votes) && cols.votes > row.votes))
          throw new Error('Somebody else lifted it higher.')
      },
    })
    .defineCommand({
      name: 'refuseNextWrite',
      execute: ({ user, sql }) => askForRefusal(sql, user.userId),
    })
    .defineCommand({
      name: 'openFirehose',
      execute: ({ sql }) => {
        sql.exec('UPDATE firehose SET until = ?', Date.now() + FIREHOSE_MS)
        firehose()
      },
    })
    .defineCommand({
      name: 'closeFirehose',
      execute: ({ sql }) => {
        sql.exec('UPDATE firehose SET until = 0')
      },
    })

/** The contract of a board, as a type. */
export type BoardApi = ReturnType<typeof boardRegistry>
