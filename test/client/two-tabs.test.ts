import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { equalsServer, until } from './convergence.ts'
import { openClient } from './live-client.ts'
import { versions } from './tanstack-versions.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

describe.each(versions)('under @tanstack/db %s', (version, db) => {
  const openTabs = async (name: string) => {
    const room = `${name}-${version}`
    await world.sql(room, `INSERT INTO todos (id, title) VALUES ('t', 'start')`)
    const openTab = async () => {
      const proxy = await world.frameProxy()
      return { proxy, ...openClient(world, room, { db, port: proxy.port }) }
    }
    const tabs = [await openTab(), await openTab()] as const
    await Promise.all(tabs.map(({ todos }) => todos.preload()))
    return { room, tabs }
  }

  test('two tabs of one user are two clients, and their edits of two columns of one row are both kept', async () => {
    const { room, tabs } = await openTabs('columns')
    const [one, two] = tabs
    const edits = [
      one.todos.update('t', (draft) => {
        draft.title = 'from one'
      }),
      two.todos.update('t', (draft) => {
        draft.done = true
      }),
    ]
    await Promise.all(edits.map((tx) => tx.isPersisted.promise))
    for (const { todos } of tabs) {
      await until(() => expect(todos.get('t')).toMatchObject({ title: 'from one', done: true }))
      await equalsServer(world, room, { todos })
    }
    const hellos = tabs.flatMap(({ proxy }) => proxy.links.flatMap((link) => link.clientFrames('hello')))
    expect(new Set(hellos.map(({ client }) => client)).size).toBe(2)
    const opens = tabs.flatMap(({ proxy }) => proxy.links.flatMap((link) => link.clientFrames('open')))
    expect(new Set(opens.flatMap(({ cids }) => cids.map(({ cid }) => cid))).size).toBe(2)
  })

  test('of edits of the same column the last to arrive wins in both tabs, offline or not', async () => {
    const { room, tabs } = await openTabs('column')
    const [one, two] = tabs
    for (const { gate, proxy } of tabs) {
      gate.shut()
      proxy.cut()
    }
    await until(() => expect(tabs.map(({ gate }) => gate.waiting)).toEqual([1, 1]))
    const first = one.todos.update('t', (draft) => {
      draft.title = 'from one'
    })
    const second = two.todos.update('t', (draft) => {
      draft.title = 'from two'
    })
    expect([one.todos.get('t')?.title, two.todos.get('t')?.title]).toEqual(['from one', 'from two'])
    two.gate.admit()
    await second.isPersisted.promise
    one.gate.admit()
    await first.isPersisted.promise
    for (const { todos } of tabs) {
      await until(() => expect(todos.get('t')?.title).toBe('from one'))
      await equalsServer(world, room, { todos })
    }
  })

  test('a tab that edits a row which the other has deleted learns that it is gone, and both end without it', async () => {
    const { room, tabs } = await openTabs('deleted')
    const [one, two] = tabs
    one.gate.shut()
    one.proxy.cut()
    await until(() => expect(one.gate.waiting).toBe(1))
    await two.todos.delete('t').isPersisted.promise
    const edit = one.todos.update('t', (draft) => {
      draft.title = 'too late'
    })
    one.gate.admit()
    await expect(edit.isPersisted.promise).rejects.toMatchObject({ code: 'row-not-found' })
    for (const { todos } of tabs) {
      await until(() => expect(todos.size).toBe(0))
      await equalsServer(world, room, { todos })
    }
  })
})

test('closing one tab leaves the other one alone', async () => {
  const room = 'one-closes'
  const one = openClient(world, room)
  const two = openClient(world, room)
  await Promise.all([one.notes.preload(), two.notes.preload()])
  await one.client.close()
  await until(async () => expect((await world.stats(room)).sockets).toBe(1))
  await two.notes.insert({ id: 'a', slug: 'a', title: 'a' }).isPersisted.promise
  await equalsServer(world, room, { notes: two.notes })
  expect(one.notes.size).toBe(0)
})
