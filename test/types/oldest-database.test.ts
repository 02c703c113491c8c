import { doCollectionOptions } from '@durable-sync/core'
import { createTestServer } from '@durable-sync/core/testing'
import * as oldest from 'tanstack-db-oldest'
import { expect, expectTypeOf, test } from 'vitest'
import { type TodoApi, todo } from '../../core/src/client/testing/todo-room.ts'

test('a live query of the oldest TanStack DB reads a collection under its own types', async () => {
  const server = createTestServer<TodoApi>({
    collections: { todos: { columns: { done: 'boolean' }, rows: [todo('a')] }, notes: {} },
  })
  const todos = oldest.createCollection(doCollectionOptions({ client: server.client(), table: 'todos' }))
  // Not only at run time: 0.9 takes `utils` for nothing but functions.
  const live = oldest.createLiveQueryCollection((q) =>
    q.from({ todo: todos }).select(({ todo }) => ({ name: todo.title })),
  )
  await live.preload()
  const [first] = live.values()
  expectTypeOf(first?.name).toEqualTypeOf<string | undefined>()
  expect(first?.name).toBe('a')
  await live.cleanup()
  await todos.cleanup()
  await server.close()
})
