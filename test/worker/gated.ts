import type { CommandDefinition, StandardSchema } from '@durable-sync/server'
import type { FixtureEnv } from './env.ts'
import type { Claims } from './rows.ts'

export interface GatedArgs {
  readonly count: number
  /** Answer with a promise. */
  readonly later?: boolean
}

const schema: StandardSchema<GatedArgs> = {
  '~standard': {
    version: 1,
    vendor: 'fixture',
    validate: (value) => {
      const { count, later } = value as GatedArgs
      const result =
        count > 0
          ? // What a parser makes of the input is dropped: the gate changes nothing.
            { value: { count: 999 } }
          : { issues: [{ message: 'must be above zero', path: ['count', { key: 0 }] }] }
      return later ? Promise.resolve(result) : result
    },
  },
}

/** Returns its arguments, if its schema lets them through. */
export const gated: CommandDefinition<Claims, FixtureEnv, 'gated', GatedArgs, GatedArgs> = {
  name: 'gated',
  schema,
  execute: ({ args }) => args,
}
