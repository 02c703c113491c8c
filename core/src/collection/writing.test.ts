import * as newest from '@tanstack/db'
import * as oldest from 'tanstack-db-oldest'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ending, isReceipt, itemsTo, openRoom, pushesTo, row, todo } from '../client/testing/todo-room.ts'
import { MutationRejectedError, OutcomeUnknownError, ProtocolError } from '../errors.ts'

const clients: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
})

function setup(db: typeof newest) {
  const { server, client, todoOptions, noteOptions } = openRoom()
  clients.push(client)
  return { server, client, todos: db.createCollection(todoOptions), notes: db.createCollection(noteOptions) }
}

const until = (check: () => void) => vi.waitFor(check, { timeout: 1000, interval: 1 })
const aWhile = () => new Promise((resolve) => setTimeout(resolve, 10))

const versions = [
  ['0.9.2', oldest as unknown as typeof newest],
  ['0.15.2', newest],
] as const

describe.each(versions)('writing under @tanstack/db %s', (_, db) => {
  it('never lets an own row vanish or flicker between the write and its confirmation [A1, R22]', async () => {
    const { server, todos } = setup(db)
    await todos.preload()
    const seen: string[] = []
    todos.subscribeChanges((changes) => {
      for (const { type, value } of changes) seen.push(`${type} ${value.id} ${todos.has('a')}`)
    })
    const tx = todos.insert(todo('a'))
    expect(todos.has('a')).toBe(true)
    await tx.isPersisted.promise
    expect(todos.has('a')).toBe(true)
    expect(seen.filter((each) => each.startsWith('delete') || each.endsWith('false'))).toEqual([])
    expect(server.table('todos').get('a')).toEqual({ id: 'a', title: 'a', done: 0 })
  })

  it('shows what the server made of a row by the time its transaction is persisted [R18]', async () => {
    const { server, todos } = setup(db)
    await todos.preload()
    server.run = (item) => {
      const outcome = server.execute(item)
      server.put('todos', row('a', 'made of it'))
      return outcome
    }
    await todos.insert(todo('a', 'mine')).isPersisted.promise
    expect(todos.get('a')?.title).toBe('made of it')
  })

  it('rolls a rejected write back with the code of the server', async () => {
    const { server, client, todos } = setup(db)
    await todos.preload()
    server.run = () => ({ is: 'rejected', code: 'denied', message: 'not yours', details: { field: 'title' } })
    const tx = todos.insert(todo('a'))
    expect(await ending(tx.isPersisted.promise)).toMatchObject({
      name: 'MutationRejectedError',
      code: 'denied',
      details: { field: 'title' },
    })
    expect(await ending(client.whenConfirmed(tx))).toBeInstanceOf(MutationRejectedError)
    expect(todos.has('a')).toBe(false)
    expect(client.pendingWrites.get().count).toBe(0)
  })

  it('tells the server that it has a stored outcome', async () => {
    const { server, todos } = setup(db)
    await todos.preload()
    server.run = () => ({ is: 'rejected', code: 'denied', message: 'no' })
    await ending(todos.insert(todo('a')).isPersisted.promise)
    await until(() => expect(server.heard.at(-1)).toMatchObject({ type: 'seen', cids: [{ seen: 1 }] }))
  })

  it('settles a write whose receipt was lost as committed, without its row vanishing [C6]', async () => {
    const { server, client, todos } = setup(db)
    await todos.preload()
    let vanished = 0
    todos.subscribeChanges(() => {
      if (!todos.has('a')) vanished++
    })
    server.passes = (frame) => !isReceipt(frame)
    const tx = todos.insert(todo('a'))
    await until(() => expect(server.table('todos').has('a')).toBe(true))
    expect(client.pendingWrites.get()).toMatchObject({ count: 1, items: [{ state: 'sent' }] })
    server.passes = () => true
    server.drop()
    await tx.isPersisted.promise
    expect(itemsTo(server)).toHaveLength(1)
    expect(vanished).toBe(0)
    expect(todos.toArray).toMatchObject([{ id: 'a' }])
  })

  it('settles a rejection whose receipt was lost with its true code [C7]', async () => {
    const { server, todos } = setup(db)
    await todos.preload()
    server.run = () => ({ is: 'rejected', code: 'denied', message: 'no' })
    server.passes = (frame) => !isReceipt(frame)
    const tx = todos.insert(todo('a'))
    await until(() => expect(itemsTo(server)).toHaveLength(1))
    await aWhile()
    server.passes = () => true
    server.drop()
    expect(await ending(tx.isPersisted.promise)).toMatchObject({ code: 'denied' })
  })

  it('sends a write that never arrived again, under its number and marked', async () => {
    const { server, todos } = setup(db)
    await todos.preload()
    const send = server.send.bind(server)
    server.send = (socket, text) => (text.includes('"push"') ? true : send(socket, text))
    const tx = todos.insert(todo('a'))
    await aWhile()
    server.send = send
    server.drop()
    await tx.isPersisted.promise
    expect(itemsTo(server)).toMatchObject([{ n: 1, again: true }])
    expect(server.table('todos').has('a')).toBe(true)
  })

  it('sends what was written while the connection was down after the next pass [B14]', async () => {
    const { server, client, todos } = setup(db)
    await todos.preload()
    server.passes = (frame) => frame.type !== 'welcome'
    server.drop()
    const tx = todos.insert(todo('a'))
    await aWhile()
    expect(client.pendingWrites.get()).toMatchObject({ count: 1, items: [{ state: 'queued' }] })
    server.release()
    await tx.isPersisted.promise
    expect(itemsTo(server)).toMatchObject([{ n: 1 }])
    expect(itemsTo(server)[0]).not.toHaveProperty('again')
    expect(server.heard.findLast(({ type }) => type === 'hello')).toMatchObject({
      subs: [{ collection: 'todos', joined: true }],
    })
    server.put('todos', row('b'))
    server.flush()
    await until(() => expect([...todos.keys()].sort()).toEqual(['a', 'b']))
  })

  it('keeps the row of a write that is confirmed while its collection is joining', async () => {
    const { server, todos } = setup(db)
    server.joins = 'kept'
    const tx = todos.insert(todo('a'))
    const vanished: string[] = []
    todos.subscribeChanges((changes) => {
      for (const { type } of changes) if (type === 'delete' || !todos.has('a')) vanished.push(type)
    })
    await until(() => expect(server.table('todos').has('a')).toBe(true))
    await aWhile()
    expect(todos.has('a')).toBe(true)
    expect(tx.state).toBe('persisting')
    server.release()
    await tx.isPersisted.promise
    expect(todos.toArray).toMatchObject([{ id: 'a' }])
    expect(vanished).toEqual([])
  })

  it('settles a confirmed write when the join that it waits for is given up', async () => {
    const { server, todos } = setup(db)
    server.joins = 'kept'
    todos.subscribeChanges(() => {})
    const tx = todos.insert(todo('a'))
    await until(() => expect(server.table('todos').has('a')).toBe(true))
    await aWhile()
    expect(tx.state).toBe('persisting')
    await todos.cleanup()
    expect(await ending(tx.isPersisted.promise)).toBe('ok')
  })

  it.each([0, 1, 2, 3, 4, 5, 6])(
    'converges when the reconnect is cut after %i frames [B2, C9]',
    async (whole) => {
      const { server, todos, notes } = setup(db)
      server.put('todos', row('gone'))
      server.put('todos', row('kept'))
      await Promise.all([todos.preload(), notes.preload()])
      server.passes = (frame) => !isReceipt(frame)
      const lost = todos.insert(todo('receipt lost'))
      await until(() => expect(server.table('todos').size).toBe(3))
      server.remove('todos', 'gone')
      server.put('todos', row('kept', 'changed'))
      server.put('notes', { id: 'n', text: 'new' })
      let left = whole
      server.passes = () => {
        if (left-- > 0) return true
        if (left === -1) queueMicrotask(() => server.drop())
        return left < -1 && server.heard.filter(({ type }) => type === 'hello').length > 2
      }
      server.drop()
      const unsent = notes.insert({ id: 'm', text: 'mine' })
      await Promise.all([lost.isPersisted.promise, unsent.isPersisted.promise])
      await until(() => {
        expect(todos.toArray.map(({ id, title }) => [id, title]).sort()).toEqual([
          ['kept', 'changed'],
          ['receipt lost', 'receipt lost'],
        ])
        expect([...notes.keys()].sort()).toEqual(['m', 'n'])
      })
      expect(new Set(itemsTo(server).map(({ cid, n }) => `${cid} ${n}`)).size).toBe(2)
      expect(server.table('notes').size).toBe(2)
    },
  )

  it('sends a write again after a reset to another history, under the number that it has [R20]', async () => {
    const { server, todos } = setup(db)
    await todos.preload()
    await todos.insert(todo('a')).isPersisted.promise
    server.passes = (frame) => !isReceipt(frame)
    const tx = todos.insert(todo('b'))
    await until(() => expect(server.table('todos').has('b')).toBe(true))
    // The object is restored to the point before either write.
    server.passes = () => true
    server.cids.clear()
    server.table('todos').clear()
    server.reset = 'lineage'
    server.era = 'b'
    server.drop()
    await tx.isPersisted.promise
    expect([...server.table('todos').keys()]).toEqual(['b'])
    const [first] = itemsTo(server)
    expect(itemsTo(server).at(-1)).toMatchObject({ cid: first?.cid, n: 2 })
  })

  it('sends a transaction over two collections as one mutation', async () => {
    const { server, client, todos, notes } = setup(db)
    await Promise.all([todos.preload(), notes.preload()])
    const tx = db.createTransaction({ mutationFn: client.mutationFn })
    tx.mutate(() => {
      todos.insert(todo('a'))
      notes.insert({ id: 'n', text: 'x' })
    })
    await tx.isPersisted.promise
    expect(itemsTo(server)).toHaveLength(1)
    expect(itemsTo(server)[0]).toMatchObject({ ops: [{ collection: 'todos' }, { collection: 'notes' }] })
    expect(todos.size + notes.size).toBe(2)
  })

  it('refuses a transaction over two objects and rolls it back', async () => {
    const { client, todos } = setup(db)
    const other = setup(db)
    await Promise.all([todos.preload(), other.todos.preload()])
    const tx = db.createTransaction({ mutationFn: client.mutationFn })
    tx.mutate(() => {
      todos.insert(todo('a'))
      other.todos.insert(todo('b'))
    })
    expect(await ending(tx.isPersisted.promise)).toMatchObject({ code: 'transaction-spans-objects' })
    expect(todos.size + other.todos.size).toBe(0)
    expect(itemsTo(other.server)).toEqual([])
  })

  it('lets go of an optimistic row that the server confirmed without writing anything [C15]', async () => {
    const { server, todos } = setup(db)
    await todos.preload()
    server.run = () => ({ is: 'committed' })
    await todos.insert(todo('phantom')).isPersisted.promise
    await until(() => expect(todos.size).toBe(0))
  })

  it('lets go of an optimistic update that the server confirmed without writing anything [C15]', async () => {
    const { server, todos } = setup(db)
    server.put('todos', row('a', 'server'))
    await todos.preload()
    server.run = () => ({ is: 'committed' })
    await todos.update('a', (draft) => {
      draft.title = 'mine'
    }).isPersisted.promise
    await until(() => expect(todos.get('a')?.title).toBe('server'))
  })

  it('keeps the last of two edits of one row on screen while both are on their way', async () => {
    const { server, todos } = setup(db)
    server.put('todos', row('a', 'zero'))
    await todos.preload()
    const titles: string[] = []
    todos.subscribeChanges(() => titles.push(todos.get('a')?.title ?? 'gone'))
    const edit = (title: string) =>
      todos.update('a', (draft) => {
        draft.title = title
      })
    const one = edit('one')
    await Promise.resolve()
    const two = edit('two')
    await Promise.all([one.isPersisted.promise, two.isPersisted.promise])
    expect(titles.slice(titles.indexOf('two'))).toEqual(titles.slice(titles.indexOf('two')).map(() => 'two'))
    expect(server.table('todos').get('a')).toMatchObject({ title: 'two' })
    expect(itemsTo(server).map((item) => (item.do === 'mutate' ? item.ops[0]?.cols : null))).toEqual([
      { title: 'one' },
      { title: 'two' },
    ])
  })

  it('sends what one tick wrote in one frame', async () => {
    const { server, todos } = setup(db)
    await todos.preload()
    const writes = ['a', 'b', 'c'].map((id) => todos.insert(todo(id)).isPersisted.promise)
    await Promise.all(writes)
    expect(pushesTo(server).map(({ items }) => items.map(({ n }) => n))).toEqual([[1, 2, 3]])
  })

  it('refuses an empty key before anything is sent [D1]', async () => {
    const { server, todos } = setup(db)
    await todos.preload()
    const error = await ending(todos.insert(todo('')).isPersisted.promise)
    expect(error).toBeInstanceOf(ProtocolError)
    expect(error).toMatchObject({ code: 'key-invalid' })
    expect(todos.size).toBe(0)
    expect(itemsTo(server)).toEqual([])
  })

  it('refuses a write that no frame can carry, counted in bytes [D10]', async () => {
    const { server, todos } = setup(db)
    server.limits = { ...server.limits, frameBytes: 2000 }
    await todos.preload()
    const fits = 'x'.repeat(1000)
    const fitsNot = '€'.repeat(1000)
    expect(await ending(todos.insert(todo('a', fits)).isPersisted.promise)).toBe('ok')
    const error = await ending(todos.insert(todo('b', fitsNot)).isPersisted.promise)
    expect(error).toMatchObject({ name: 'ProtocolError', code: 'write-too-large' })
    expect([...todos.keys()]).toEqual(['a'])
  })

  it('says what may have happened and what never left when it is closed [C8, G4]', async () => {
    const { server, client, todos } = setup(db)
    await todos.preload()
    server.passes = (frame) => !isReceipt(frame)
    const sent = ending(todos.insert(todo('a')).isPersisted.promise)
    await until(() => expect(itemsTo(server)).toHaveLength(1))
    const unsent = ending(todos.insert(todo('b')).isPersisted.promise)
    await client.close()
    expect(await sent).toBeInstanceOf(OutcomeUnknownError)
    expect(await unsent).toMatchObject({ name: 'ConnectionError', code: 'client-closed-unsent' })
    expect(todos.size).toBe(0)
  })
})
