import type { CommandDefinition } from '@durable-sync/server'
import type { FixtureEnv } from './env.ts'
import type { Claims } from './rows.ts'

export interface SpoiltArgs {
  readonly id: string
  /** What is wrong with the result: it is no plain JSON, or too long in bytes though not in characters. */
  readonly how: 'unserialisable' | 'large'
}

/** Writes a row, and then returns what cannot be sent. */
export const spoilt: CommandDefinition<Claims, FixtureEnv, 'spoilt', SpoiltArgs, unknown> = {
  name: 'spoilt',
  execute: ({ args, sql }) => {
    sql.exec(`INSERT INTO traces (id, job) VALUES (?, 'spoilt')`, args.id)
    return args.how === 'large' ? 'é'.repeat(131_072) : { when: new Date(0) }
  },
}
