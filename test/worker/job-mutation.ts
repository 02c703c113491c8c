import type { InsertOp, MutationContext, MutationDefinition } from '@durable-sync/server'
import type { FixtureEnv } from './env.ts'
import type { Claims, Job } from './rows.ts'

type Context = MutationContext<Claims, FixtureEnv, InsertOp<Job>>

const write = ({ op, sql }: Context) => {
  const { id, behaviour, delay } = op.cols
  sql.exec('INSERT INTO jobs (id, behaviour, delay) VALUES (?, ?, ?)', id, behaviour, delay)
}

/** Lets in or not, at once or later. The messages are read by tests. */
function verdict(behaviour: string, step: 'authorize' | 'check'): boolean | undefined {
  if (behaviour === `${step}-throw`) throw new Error(`${step} says no`)
  return behaviour === `${step}-false` ? false : undefined
}

async function verdictLater(op: InsertOp<Job>): Promise<boolean | undefined> {
  await scheduler.wait(op.cols.delay)
  return verdict(op.cols.behaviour, 'authorize')
}

/** An insert whose row says how it goes wrong. `abort` ends the object in the middle of it. */
export const jobMutation = (abort: () => void) =>
  ({
    collection: 'jobs',
    type: 'insert',
    authorize: ({ op }) => (op.cols.delay > 0 ? verdictLater(op) : verdict(op.cols.behaviour, 'authorize')),
    check: ({ op }) => verdict(op.cols.behaviour, 'check'),
    execute: (context) => {
      switch (context.op.cols.behaviour) {
        case 'execute-throw':
          throw new Error('a secret of the server')
        case 'execute-throw-late':
          write(context)
          throw new Error('a secret of the server')
        case 'execute-thenable':
          write(context)
          return Promise.resolve()
        case 'execute-abort':
          write(context)
          abort()
          break
        case 'execute-deferred-violation':
          context.sql.exec('PRAGMA defer_foreign_keys = ON')
          context.sql.exec(
            `INSERT INTO comments (id, note_id, content) VALUES (?, 'no such note', '')`,
            context.op.key,
          )
          write(context)
          break
        default:
          write(context)
      }
      return undefined
    },
    afterCommit: ({ op, sql }) => {
      if (op.cols.behaviour === 'after-commit-throws') throw new Error('afterCommit fails')
      if (op.cols.behaviour !== 'after-commit-writes') return
      sql.exec('INSERT OR REPLACE INTO traces (id, job) VALUES (?, ?)', `trace of ${op.key}`, op.key)
    },
  }) as const satisfies MutationDefinition<Claims, FixtureEnv, Job, 'insert'>
