import type { CommandDefinition } from '@durable-sync/server'
import type { FixtureEnv } from './env.ts'
import type { Claims, FixtureRows } from './rows.ts'

const command = <const Name extends string, Args, Result>(
  definition: CommandDefinition<Claims, FixtureEnv, Name, Args, Result>,
) => definition

/** Deletes every row of a table. */
export const clear = command<'clear', { readonly table: keyof FixtureRows }, { deleted: number }>({
  name: 'clear',
  execute: ({ args, sql }) => {
    const before = sql.exec<{ n: number }>(`SELECT count(*) AS n FROM "${args.table}"`).one().n
    sql.exec(`DELETE FROM "${args.table}"`)
    return { deleted: before }
  },
})

/** Returns its arguments. */
export const echo = command<'echo', unknown, unknown>({ name: 'echo', execute: ({ args }) => args })

/** Adds `count` messages with keys `<prefix>00000`… of `bytes` characters each. */
export const fill = command<
  'fill',
  { readonly count: number; readonly bytes: number; readonly prefix: string },
  { added: number }
>({
  name: 'fill',
  execute: ({ args, sql, user }) => {
    sql.exec(
      `WITH RECURSIVE c (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < ?1)
       INSERT INTO messages (id, author, content, created_at)
       SELECT printf('%s%05d', ?2, i), ?3, substr(replace(hex(zeroblob(?4)), '0', 'x'), 1, ?4), i FROM c`,
      args.count,
      args.prefix,
      user.userId,
      args.bytes,
    )
    return { added: args.count }
  },
})

/** A result of `bytes` characters. */
export const large = command<'large', { readonly bytes: number }, string>({
  name: 'large',
  execute: ({ args }) => 'x'.repeat(args.bytes),
})

/** Is let in after `ms` milliseconds. */
export const slow = command<'slow', { readonly ms: number }, { waited: number }>({
  name: 'slow',
  authorize: async ({ args }) => {
    await scheduler.wait(args.ms)
  },
  execute: ({ args }) => ({ waited: args.ms }),
})

/** Writes and then throws. */
export const fail = command<'fail', unknown, void>({
  name: 'fail',
  execute: ({ sql }) => {
    sql.exec(
      `INSERT INTO messages (id, author, content, created_at) VALUES ('of a failed command', '', '', 0)`,
    )
    throw new Error('a secret of the server')
  },
})

/** Is never let in. */
export const deny = command<'deny', unknown, void>({
  name: 'deny',
  authorize: () => {
    throw new Error('not you')
  },
  execute: () => undefined,
})

/** Returns what JSON cannot say. */
export const unserialisable = command<'unserialisable', unknown, unknown>({
  name: 'unserialisable',
  execute: () => {
    const loop: { self?: unknown } = {}
    loop.self = loop
    return loop
  },
})
