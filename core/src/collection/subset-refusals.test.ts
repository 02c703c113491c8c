import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ScriptedServer } from '../client/testing/scripted-server.ts'
import { ending, openRoom, row } from '../client/testing/todo-room.ts'
import { doCollectionOptions } from './do-collection-options.ts'
import { closeAll, first, run, titled } from './testing/bare-collection.ts'

const said = vi.spyOn(console, 'error')
const warned = vi.spyOn(console, 'warn')
beforeEach(() => {
  for (const spy of [said, warned]) spy.mockReset().mockImplementation(() => {})
})
afterEach(closeAll)

const until = (check: () => void) => vi.waitFor(check, { timeout: 1000, interval: 1 })
const aWhile = () => new Promise((resolve) => setTimeout(resolve, 10))

function withoutPages(server: ScriptedServer): void {
  const send = server.send.bind(server)
  server.send = (socket, text) => (text.includes('"type":"page"') ? true : send(socket, text))
}

/** The server lets go of every subscription; they join anew. */
function restartAll(server: ScriptedServer): void {
  for (const sub of [...server.joined.keys()]) {
    server.joined.delete(sub)
    server.say({ type: 'restart', sub, reason: 'shape' })
  }
}

/** A window of four rows that wants thirty, whose page does not come. */
async function waiting() {
  const opened = run()
  const { server, load } = opened
  for (let i = 10; i < 60; i++) server.put('todos', row(`k${i}`))
  const other = { where: titled('k50') }
  await Promise.all([load(first(4)), load(other)])
  withoutPages(server)
  const more = first(30)
  const ended = ending(Promise.resolve(load(more)))
  await aWhile()
  return { ...opened, other, ended }
}

describe('a load that waits for more rows of a window', () => {
  it('is refused when the window is, and the rows that others show stay', async () => {
    const { server, ended, rows, load, unload, other } = await waiting()
    server.refuses = ({ window }) => (window ? 'unknown-column' : undefined)
    restartAll(server)
    expect(await ended).toMatchObject({ code: 'unknown-column' })
    await aWhile()
    expect(rows.size).toBe(7)
    unload(other)
    await until(() => expect(rows.size).toBe(6))
    expect(await ending(Promise.resolve(load(first(5))))).toMatchObject({ code: 'unknown-column' })
  })

  it('is refused when its rows may not be read any more, and not told that they are there', async () => {
    const { server, ended } = await waiting()
    server.refuses = ({ window }) => (window ? 'read-denied' : undefined)
    restartAll(server)
    expect(await ended).toMatchObject({ code: 'read-denied' })
  })

  it('waits on when the server failed, as one that begins then does, and holds nobody’s rows up', async () => {
    const { server, ended, load, unload, other, phase, rows } = await waiting()
    server.refuses = ({ window }) => (window ? 'internal' : undefined)
    restartAll(server)
    await until(() => expect(phase()).toBe('error'))
    const later = ending(Promise.resolve(load(first(31))))
    unload(other)
    await until(() => expect(rows.size).toBe(6))
    server.refuses = () => undefined
    server.drop()
    expect(await Promise.all([ended, later])).toEqual(['ok', 'ok'])
    expect(rows.size).toBeGreaterThan(30)
  })
})

describe('what only a developer can mend is said', () => {
  const lines = () => said.mock.calls.map(([line]) => String(line))

  it('once for each table and code, whoever asks for it', async () => {
    const { server, load } = run()
    server.refuses = () => 'unknown-column'
    for (const title of ['x', 'y']) await ending(Promise.resolve(load({ where: titled(title) })))
    expect(lines()).toHaveLength(1)
    expect(lines()[0]).toMatch(
      /^durable-sync: the collection of "todos" cannot be served: refused with unknown-column/,
    )
    server.refuses = () => 'read-denied'
    await ending(Promise.resolve(load({ where: titled('z') })))
    expect(lines()).toHaveLength(2)
    await ending(Promise.resolve(load({ where: { type: 'func', name: 'upper', args: [] } })))
    expect(lines()[2]).toMatch(/cannot contain "upper"/)
  })

  it('of an eager collection too, also when its rows are shown already', async () => {
    const { server, client } = openRoom()
    const told: unknown[] = []
    const surface = {
      collection: { get: () => undefined },
      begin: () => {},
      write: () => {},
      commit: () => true,
      markReady: () => told.push('ready'),
      markError: (error: unknown) => told.push(error),
    }
    doCollectionOptions({ client, table: 'todos' }).sync.sync(surface)
    await until(() => expect(told).toEqual(['ready']))
    server.refuses = () => 'unknown-column'
    restartAll(server)
    await until(() => expect(lines()).toHaveLength(1))
    expect(told).toEqual(['ready'])
    server.refuses = () => 'read-denied'
    doCollectionOptions({ client, table: 'notes' }).sync.sync(surface)
    await until(() => expect(lines()).toHaveLength(2))
    expect(told).toMatchObject(['ready', { code: 'read-denied' }])
    await client.close()
    expect(lines()).toHaveLength(2)
  })

  it('of an order that the server does not have, with the line that gives it another', async () => {
    const { server, load } = run()
    server.put('todos', row('a'))
    server.refuses = ({ window }) => (window ? 'order-unsupported' : undefined)
    const inGerman = first(2)
    const orderBy = inGerman.orderBy?.map((term) => ({
      ...term,
      compareOptions: { ...term.compareOptions, stringSort: 'locale' },
    }))
    await load({ ...inGerman, orderBy })
    await load({ ...inGerman, orderBy, limit: 3 })
    const ours = warned.mock.calls.map(([line]) => String(line)).filter((line) => line.includes('every row'))
    expect(ours).toHaveLength(1)
    expect(ours[0]).toMatch(/orders "todos" by "title".*stringSort: 'lexical'/)
    expect(lines()).toEqual([])
  })
})
