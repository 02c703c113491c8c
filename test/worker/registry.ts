import { SyncRegistry } from '@durable-sync/server'
import { clear, deny, echo, fail, fill, large, slow, unserialisable } from './commands.ts'
import { documentsOf } from './documents-of.ts'
import { earlyWrite } from './early-write.ts'
import type { FixtureEnv } from './env.ts'
import { gated } from './gated.ts'
import { jobMutation } from './job-mutation.ts'
import type { Claims, FixtureRows } from './rows.ts'
import { spoilt } from './spoilt.ts'
import { tally } from './tally.ts'

export interface FixtureHooks {
  /** Ends the object at once, in the middle of whatever it does. */
  readonly abort: () => void
}

/** Everything that a fixture room offers. */
export const fixtureRegistry = ({ abort }: FixtureHooks) =>
  new SyncRegistry<Claims, FixtureEnv, FixtureRows>()
    .defineCollection({ table: 'messages', pk: 'id' })
    .defineMutation({
      collection: 'messages',
      type: 'insert',
      authorize: ({ user, op }) => {
        if (op.cols.author !== user.userId) throw new Error('author mismatch')
      },
      execute: ({ op, sql }) => {
        const m = op.cols
        sql.exec(
          'INSERT INTO messages(id, author, content, created_at) VALUES (?, ?, ?, ?)',
          m.id,
          m.author,
          m.content,
          m.created_at,
        )
      },
    })
    .defineCollection({
      table: 'todos',
      pk: 'id',
      columns: { done: 'boolean', due_at: 'date', meta: 'json', views: 'bigint', avatar: 'bytes' },
    })
    .defineMutation({
      collection: 'todos',
      type: 'insert',
      writable: ['title', 'done', 'due_at', 'meta', 'views', 'avatar', 'rank'],
    })
    .defineMutation({
      collection: 'todos',
      type: 'update',
      writable: ['title', 'done', 'due_at', 'meta', 'views', 'avatar', 'rank'],
      check: ({ row, user }) => {
        if (row?.owner != null && row.owner !== user.userId) throw new Error('the todo is somebody else’s')
      },
    })
    .defineMutation({ collection: 'todos', type: 'delete' })
    .defineCollection({ table: 'notes', pk: 'id' })
    .defineMutation({
      collection: 'notes',
      type: 'insert',
      execute: ({ op, sql }) => {
        sql.exec(
          'INSERT OR REPLACE INTO notes (id, slug, title) VALUES (?, ?, ?)',
          op.key,
          op.cols.slug,
          op.cols.title,
        )
      },
    })
    .defineMutation({ collection: 'notes', type: 'update', writable: ['slug', 'title'] })
    .defineMutation({ collection: 'notes', type: 'delete' })
    .defineCollection({ table: 'comments', pk: 'id' })
    .defineMutation({ collection: 'comments', type: 'insert', writable: ['note_id', 'content'] })
    .defineMutation({ collection: 'comments', type: 'delete' })
    .defineCollection({ table: 'events', pk: 'id' })
    .defineMutation({ collection: 'events', type: 'insert', writable: ['rowid', 'payload'] })
    .defineMutation({ collection: 'events', type: 'update', writable: ['rowid', 'payload'] })
    .defineMutation({ collection: 'events', type: 'delete' })
    .defineCollection({ table: 'samples', pk: 'id' })
    .defineMutation({ collection: 'samples', type: 'insert', writable: ['t', 'i', 'r', 'n', 'b'] })
    .defineMutation({ collection: 'samples', type: 'update', writable: ['t', 'i', 'r', 'n', 'b'] })
    .defineMutation({ collection: 'samples', type: 'delete' })
    .defineCollection({ table: 'jobs', pk: 'id' })
    .defineMutation(jobMutation(abort))
    .defineMutation({ collection: 'jobs', type: 'delete' })
    .defineCollection({ table: 'traces', pk: 'id' })
    .defineCollection({ table: 'tasks', pk: 'id' })
    .defineMutation({ collection: 'tasks', type: 'insert', writable: ['votes', 'title', 'category'] })
    .defineMutation({ collection: 'tasks', type: 'update', writable: ['votes', 'title', 'category'] })
    .defineMutation({ collection: 'tasks', type: 'delete' })
    .defineCollection({ table: 'documents', pk: 'id', readFilter: documentsOf })
    .defineMutation({
      collection: 'documents',
      type: 'insert',
      writable: ['owner', 'team', 'title', 'size'],
    })
    .defineMutation({
      collection: 'documents',
      type: 'update',
      writable: ['owner', 'team', 'title', 'size'],
    })
    .defineMutation({ collection: 'documents', type: 'delete' })
    .defineCommand(clear)
    .defineCommand(echo)
    .defineCommand(fill)
    .defineCommand(large)
    .defineCommand(slow)
    .defineCommand(fail)
    .defineCommand(deny)
    .defineCommand(unserialisable)
    .defineCommand(tally)
    .defineCommand(earlyWrite)
    .defineCommand(gated)
    .defineCommand(spoilt)

/** The contract of the fixture's clients, for type imports. */
export type FixtureApi = ReturnType<typeof fixtureRegistry>
