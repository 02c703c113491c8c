import { filter, SyncRegistry } from '@durable-sync/server/registry'
import { expectTypeOf, test } from 'vitest'

// The assertions of this file are made by the compiler (`npm run check`): a claim that no longer holds does not compile.

interface Claims {
  readonly userId: string
  readonly admin: boolean
}
interface Task {
  id: string
  owner: string
  votes: number
  done: boolean
}

const kinds = { done: 'boolean' } as const
const make = () => new SyncRegistry<Claims, unknown, { tasks: Task }>()
const onlyCompiled = (_body: () => void) => {}

test('a read filter is given the claims, and says yes, no, or which rows', () => {
  onlyCompiled(() => {
    make().defineCollection({
      table: 'tasks',
      pk: 'id',
      columns: kinds,
      readFilter: ({ user }) => {
        expectTypeOf(user).toEqualTypeOf<Claims>()
        return user.admin || { owner: user.userId, votes: [1, 2], done: false }
      },
    })
    make().defineCollection({
      table: 'tasks',
      pk: 'id',
      columns: kinds,
      readFilter: ({ user }) => filter.or(filter.eq('owner', user.userId), filter.gt('votes', 10)),
    })
  })
})

test('a read filter with a value of another type, another column, or a promise does not compile', () => {
  onlyCompiled(() => {
    make().defineCollection({
      table: 'tasks',
      pk: 'id',
      columns: kinds,
      // @ts-expect-error votes are numbers
      readFilter: () => ({ votes: 'many' }),
    })
    make().defineCollection({
      table: 'tasks',
      pk: 'id',
      columns: kinds,
      // @ts-expect-error there is no such column
      readFilter: ({ user }) => ({ author: user.userId }),
    })
    make().defineCollection({
      table: 'tasks',
      pk: 'id',
      columns: kinds,
      // @ts-expect-error it must be synchronous
      readFilter: async ({ user }) => ({ owner: user.userId }),
    })
    make().defineCollection({
      table: 'tasks',
      pk: 'id',
      columns: kinds,
      // @ts-expect-error it must be synchronous
      readFilter: async () => true,
    })
  })
})
