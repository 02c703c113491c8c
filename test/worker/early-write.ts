import type { CommandDefinition } from '@durable-sync/server'
import type { FixtureEnv } from './env.ts'
import type { Claims } from './rows.ts'

export interface EarlyWriteArgs {
  readonly id: string
  /** How long `authorize` waits after its write, in milliseconds. */
  readonly ms: number
}

/** Writes in `authorize`, before and outside of any transaction, and then waits. */
export const earlyWrite: CommandDefinition<Claims, FixtureEnv, 'earlyWrite', EarlyWriteArgs, void> = {
  name: 'earlyWrite',
  authorize: async ({ args, sql }) => {
    sql.exec(`INSERT INTO traces (id, job) VALUES (?, 'early')`, args.id)
    await scheduler.wait(args.ms)
  },
  execute: () => undefined,
}
