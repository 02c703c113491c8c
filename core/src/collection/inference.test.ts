import * as newest from '@tanstack/db'
import * as oldest from 'tanstack-db-oldest'
import { describe, expectTypeOf, it } from 'vitest'
import { SyncClient } from '../client/sync-client.ts'
import { ScriptedServer } from '../client/testing/scripted-server.ts'
import { filter, type HasSyncApi } from '../wire/index.ts'
import { type CollectionStats, doCollectionOptions } from './do-collection-options.ts'

interface Message {
  id: string
  author: string
  content: string
  created_at: number
}

interface Tag {
  name: string
  colour: string | null
}

/** As a registry of the server declares its contract. */
interface Registry
  extends HasSyncApi<{
    readonly collections: {
      readonly todos: { readonly row: { id: string; done: boolean; due: Date | null }; readonly key: 'id' }
      readonly tags: { readonly row: Tag; readonly key: 'name' }
    }
    readonly commands: {
      readonly clearRoom: { readonly args: { before: number }; readonly result: number }
      readonly ping: { readonly args: undefined; readonly result: undefined }
      readonly raw: { readonly args: unknown; readonly result: unknown }
    }
  }> {
  readonly defineCollection: () => void
}

const transport = new ScriptedServer()
const client = new SyncClient<Registry>({ transport })

describe('types', () => {
  it('follow the row that is named with a bare transport', () => {
    const options = doCollectionOptions<Message>({ transport, table: 'messages', getKey: (m) => m.id })
    for (const messages of [newest.createCollection(options), oldest.createCollection(options)]) {
      expectTypeOf(messages.get('a')?.content).toEqualTypeOf<string | undefined>()
      expectTypeOf(messages.toArray[0]?.created_at).toEqualTypeOf<number | undefined>()
    }
    newest.createCollection(doCollectionOptions<Message>({ transport, table: 'messages' }))
    // @ts-expect-error the key column of this row is not `id`
    doCollectionOptions<Tag>({ transport, table: 'tags' })
    doCollectionOptions<Tag>({ transport, table: 'tags', getKey: (tag) => tag.name })
    // @ts-expect-error keys are text
    doCollectionOptions<Message>({ transport, table: 'messages', getKey: (m) => m.created_at })
  })

  it('follow the table under the newest version', () => {
    const todos = newest.createCollection(doCollectionOptions({ client, table: 'todos' }))
    expectTypeOf(todos.get('a')?.due).toEqualTypeOf<Date | null | undefined>()
    expectTypeOf(todos.utils.client).toEqualTypeOf<SyncClient<Registry>>()
    const check = () => {
      todos.insert({ id: 'a', done: false, due: null })
      // @ts-expect-error a column is missing
      todos.insert({ id: 'a', done: false })
      todos.update('a', (draft) => {
        draft.done = true
        // @ts-expect-error not a boolean
        draft.done = 1
      })
      // @ts-expect-error keys are text
      todos.delete(1)
    }
    expectTypeOf(check).toBeFunction()
  })

  it('follow the table under the oldest version', () => {
    const todos = oldest.createCollection(doCollectionOptions({ client, table: 'todos' }))
    expectTypeOf(todos.get('a')?.due).toEqualTypeOf<Date | null | undefined>()
    // @ts-expect-error a column is missing
    const check = () => todos.insert({ id: 'a', done: false })
    expectTypeOf(check).toBeFunction()
  })

  it('take a filter as an object, as `filter` builds it, and with the operators of both versions', () => {
    const check = () => {
      const table = 'todos'
      doCollectionOptions({ client, table, where: { done: true, due: null } })
      doCollectionOptions({ client, table, where: { id: ['a', 'b'] }, syncMode: 'on-demand' })
      doCollectionOptions({ client, table, where: filter.or(filter.eq('done', true), filter.isNull('due')) })
      // @ts-expect-error no such column
      doCollectionOptions({ client, table, where: { nope: true } })
      // @ts-expect-error not a boolean
      doCollectionOptions({ client, table, where: { done: 1 } })
      // @ts-expect-error no such column
      doCollectionOptions({ client, table, where: (todo) => newest.eq(todo.nope, 1) })
      doCollectionOptions({ client, table, where: (todo) => newest.eq(todo.done, true) })
      doCollectionOptions({ client, table, where: (todo) => newest.not(newest.like(todo.id, 'a%')) })
      doCollectionOptions({
        client,
        table,
        where: (todo) =>
          newest.and(
            newest.or(newest.gt(todo.due, new Date()), newest.isNull(todo.due)),
            newest.inArray(todo.id, ['x']),
          ),
      })
      doCollectionOptions<Message>({ transport, table: 'messages', where: (m) => newest.gt(m.created_at, 5) })
      doCollectionOptions({ client, table, where: (todo) => oldest.eq(todo.done, true) })
      doCollectionOptions({ client, table, where: (todo) => oldest.not(oldest.like(todo.id, 'a%')) })
      doCollectionOptions({
        client,
        table,
        where: (todo) =>
          oldest.and(
            oldest.or(oldest.gt(todo.due, new Date()), oldest.isNull(todo.due)),
            oldest.inArray(todo.id, ['x']),
          ),
      })
      doCollectionOptions<Message>({ transport, table: 'messages', where: (m) => oldest.gt(m.created_at, 5) })
      // @ts-expect-error no such column
      doCollectionOptions<Message>({ transport, table: 'messages', where: (m) => newest.gt(m.nope, 5) })
    }
    expectTypeOf(check).toBeFunction()
  })

  it('fit on-demand collections of both versions, and count', () => {
    const options = doCollectionOptions({ client, table: 'todos', syncMode: 'on-demand' })
    for (const todos of [newest.createCollection(options), oldest.createCollection(options)]) {
      expectTypeOf(todos.get('a')?.due).toEqualTypeOf<Date | null | undefined>()
      expectTypeOf(todos.utils.stats()).toEqualTypeOf<CollectionStats>()
    }
  })

  it('know the tables and their key columns', () => {
    // @ts-expect-error no such table
    doCollectionOptions({ client, table: 'nope' })
    // @ts-expect-error no such table
    doCollectionOptions({ client, table: 'nope', getKey: (row: { id: string }) => row.id })
    // @ts-expect-error the key column of `tags` is not `id`
    doCollectionOptions({ client, table: 'tags' })
    const tags = newest.createCollection(
      doCollectionOptions({ client, table: 'tags', getKey: (tag) => tag.name }),
    )
    expectTypeOf(tags.get('a')?.colour).toEqualTypeOf<string | null | undefined>()
  })

  it('know the commands', () => {
    const check = async () => {
      expectTypeOf(await client.call.clearRoom({ before: 3 })).toEqualTypeOf<number>()
      await client.call.ping()
      await client.call.raw()
      await client.call.raw({ any: 'thing' })
      // @ts-expect-error an argument is missing
      await client.call.clearRoom()
      // @ts-expect-error not a number
      await client.call.clearRoom({ before: '3' })
      // @ts-expect-error no such command
      await client.call.nope()
    }
    expectTypeOf(check).toBeFunction()
  })

  it('fit transactions of both versions [R22]', () => {
    const { mutationFn } = client
    expectTypeOf(newest.createTransaction({ mutationFn, autoCommit: false }).state).toBeString()
    expectTypeOf(oldest.createTransaction({ mutationFn, autoCommit: false }).state).toBeString()
    const todos = newest.createCollection(doCollectionOptions({ client, table: 'todos' }))
    const check = () => client.whenConfirmed(todos.delete('a'))
    expectTypeOf(check).returns.resolves.toEqualTypeOf<void>()
  })

  it('allow a client without a contract', () => {
    const untyped = new SyncClient({ transport: new ScriptedServer() })
    const rows = newest.createCollection(
      doCollectionOptions({ client: untyped, table: 'any', getKey: (row) => String(Reflect.get(row, 'id')) }),
    )
    expectTypeOf(rows.get('a')).toMatchTypeOf<object | undefined>()
    const check = () => untyped.call.anything?.({ at: 'all' })
    expectTypeOf(check).returns.toEqualTypeOf<Promise<unknown> | undefined>()
  })
})
