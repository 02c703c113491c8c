import type { SyncApiOf } from '@durable-sync/core/wire'
import { SyncRegistry } from '@durable-sync/server/registry'
import { describe, expectTypeOf, test } from 'vitest'

// The assertions of this file are made by the compiler (`npm run check`): a claim that no longer holds does not compile.

interface Claims {
  readonly userId: string
}
interface Env {
  readonly SECRET: string
}
interface Message {
  id: string
  author: string
  likes: number
}
interface Task {
  slug: string
  done: boolean
  dueAt: Date | null
  meta: { tags: string[] }
  views: bigint
  avatar?: Uint8Array
  title: string
}
interface Rows {
  messages: Message
  tasks: Task
}

const kinds = { done: 'boolean', dueAt: 'date', meta: 'json', views: 'bigint', avatar: 'bytes' } as const
/** The body is for the compiler: run, its wrong calls would throw. */
const onlyCompiled = (_body: () => void) => {}
const make = () => new SyncRegistry<Claims, Env, Rows>()

describe('the registry types what it is told', () => {
  test('the contract accumulates in the type of the chain', () => {
    const registry = make()
      .defineCollection({ table: 'messages', pk: 'id' })
      .defineCollection({ table: 'tasks', pk: 'slug', columns: kinds })
      .defineCommand({
        name: 'clear',
        execute: ({ args }: { args: { before: number } }) => ({ count: args.before }),
      })
      .defineCommand({ name: 'ping', execute: () => 'pong' })
    type Api = SyncApiOf<typeof registry>
    expectTypeOf<Api['collections']['messages']['row']>().toEqualTypeOf<Message>()
    expectTypeOf<Api['collections']['tasks']['key']>().toEqualTypeOf<'slug'>()
    expectTypeOf<Api['commands']['clear']>().toEqualTypeOf<{
      readonly args: { before: number }
      readonly result: { count: number }
    }>()
    expectTypeOf<Api['commands']['ping']['result']>().toEqualTypeOf<string>()
    expectTypeOf<keyof Api['collections']>().toEqualTypeOf<'messages' | 'tasks'>()
  })

  test('a table outside the manifest, and a key that is not text, do not compile', () => {
    onlyCompiled(() => {
      // @ts-expect-error the manifest has no such table
      make().defineCollection({ table: 'nope', pk: 'id' })
      // @ts-expect-error `likes` is a number
      make().defineCollection({ table: 'messages', pk: 'likes' })
    })
  })

  test('a column that SQLite has no type for does not compile without its kind', () => {
    onlyCompiled(() => {
      // @ts-expect-error tasks needs kinds
      make().defineCollection({ table: 'tasks', pk: 'slug' })
      const { avatar: _, ...incomplete } = kinds
      // @ts-expect-error `avatar` has none
      make().defineCollection({ table: 'tasks', pk: 'slug', columns: incomplete })
      // @ts-expect-error a Date is not a boolean
      make().defineCollection({ table: 'tasks', pk: 'slug', columns: { ...kinds, dueAt: 'boolean' } })
    })
  })

  test('handlers see the row of their collection and the operation of their type', () => {
    make()
      .defineCollection({ table: 'messages', pk: 'id' })
      .defineMutation({
        collection: 'messages',
        type: 'insert',
        authorize: ({ user, op, env }) => {
          expectTypeOf(user).toEqualTypeOf<Claims>()
          expectTypeOf(env).toEqualTypeOf<Env>()
          expectTypeOf(op.cols).toEqualTypeOf<Message>()
          expectTypeOf(op.type).toEqualTypeOf<'insert'>()
        },
        execute: ({ op, sql }) => {
          sql.exec('INSERT INTO messages VALUES (?, ?, ?)', op.key, op.cols.author, op.cols.likes)
        },
      })
      .defineMutation({
        collection: 'messages',
        type: 'update',
        check: ({ op, row }) => {
          expectTypeOf(op.cols).toEqualTypeOf<Partial<Message>>()
          expectTypeOf(row).toEqualTypeOf<Message | null>()
          return row !== null
        },
        writable: ['likes'],
      })
      .defineMutation({ collection: 'messages', type: 'delete' })
  })

  test('a handler that could not work does not compile', () => {
    onlyCompiled(() => {
      const messages = make().defineCollection({ table: 'messages', pk: 'id' })
      // @ts-expect-error the collection is not defined yet
      make().defineMutation({ collection: 'messages', type: 'delete' })
      // @ts-expect-error without execute, `writable` must name the columns that a client may set
      messages.defineMutation({ collection: 'messages', type: 'insert' })
      // @ts-expect-error there is no such column
      messages.defineMutation({ collection: 'messages', type: 'insert', writable: ['nope'] })
      messages.defineMutation({
        collection: 'messages',
        type: 'insert',
        // @ts-expect-error a Date has no storage form
        execute: ({ sql }) => void sql.exec('SELECT ?', new Date()),
      })
    })
  })
})
