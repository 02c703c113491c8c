import type { CommandDefinition } from '@durable-sync/server'
import type { FixtureEnv } from './env.ts'
import type { Claims } from './rows.ts'

export interface TallyArgs {
  readonly name: string
  /** How long `authorize` takes, in milliseconds; 0 means that it is synchronous. */
  readonly ms: number
}

/** Counts its own runs under a name, in the row of `traces` with that key, and returns how many there were. */
export const tally: CommandDefinition<Claims, FixtureEnv, 'tally', TallyArgs, { ran: number }> = {
  name: 'tally',
  authorize: ({ args }) => (args.ms > 0 ? scheduler.wait(args.ms).then(() => true) : true),
  execute: ({ args, sql }) => {
    const { job } = sql
      .exec<{ job: string }>(
        `INSERT INTO traces (id, job) VALUES (?, '1')
         ON CONFLICT (id) DO UPDATE SET job = CAST(CAST(job AS INTEGER) + 1 AS TEXT) RETURNING job`,
        args.name,
      )
      .one()
    return { ran: Number(job) }
  },
}
