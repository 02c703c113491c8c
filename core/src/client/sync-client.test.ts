import { createCollection } from '@tanstack/db'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { isReceipt, openRoom, todo } from './testing/todo-room.ts'

const clients: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
  vi.useRealTimers()
})

function setup() {
  const { server, client, todoOptions } = openRoom()
  clients.push(client)
  return { server, client, todos: createCollection(todoOptions) }
}

const until = (check: () => void) => vi.waitFor(check, { timeout: 1000, interval: 1 })

describe('commands', () => {
  it('resolve with the result, once', async () => {
    const { server, client } = setup()
    server.run = (item) => ({ is: 'committed', result: item.do === 'call' ? [item.name, item.args] : null })
    expect(await client.call.clear({ before: 3 })).toEqual(['clear', { before: 3 }])
  })

  it('resolve with the stored result when the receipt was lost', async () => {
    const { server, client } = setup()
    let runs = 0
    server.run = () => ({ is: 'committed', result: ++runs })
    server.passes = (frame) => !isReceipt(frame)
    const result = client.call.clear({ before: 3 })
    await until(() => expect(runs).toBe(1))
    server.passes = () => true
    server.drop()
    expect(await result).toBe(1)
    expect(runs).toBe(1)
  })

  it('are not what `await` or a symbol asks for', async () => {
    const { client } = setup()
    expect(await client.call).toBe(client.call)
    expect(Reflect.get(client.call, Symbol.iterator)).toBeUndefined()
    expect(client.call.touch).toBe(client.call.touch)
  })

  it('need no collection: the connection closes when they are done', async () => {
    const { server, client } = setup()
    server.run = () => ({ is: 'committed' })
    await client.call.touch()
    expect(server.heard.map(({ type }) => type)).toEqual(['hello', 'push'])
    await until(() => expect(client.status.get().state).toBe('idle'))
  })
})

describe('silence', () => {
  it('gives the socket up when a write is unanswered for 30 seconds, and settles nothing [C9, R10]', async () => {
    vi.useFakeTimers()
    const { server, todos } = setup()
    todos.subscribeChanges(() => {})
    await vi.advanceTimersByTimeAsync(100)
    server.passes = (frame) => !isReceipt(frame)
    const tx = todos.insert(todo('a'))
    await vi.advanceTimersByTimeAsync(29_000)
    expect(server.heard.filter(({ type }) => type === 'hello')).toHaveLength(1)
    server.passes = () => true
    await vi.advanceTimersByTimeAsync(2000)
    expect(server.heard.filter(({ type }) => type === 'hello')).toHaveLength(2)
    await tx.isPersisted.promise
  })

  it('keeps the socket while a large pass arrives, behind which the receipt of a write waits [R10]', async () => {
    vi.useFakeTimers()
    const { server, todos } = setup()
    todos.subscribeChanges(() => {})
    await vi.advanceTimersByTimeAsync(100)
    const from = server.head
    server.put('todos', { id: 'b', title: 'B', done: 0 })
    server.passes = (frame) => !isReceipt(frame)
    todos.insert(todo('a'))
    await vi.advanceTimersByTimeAsync(1)
    const part = { type: 'changes', from, to: server.position(1), more: true, tables: {} } as const
    for (let second = 0; second < 50; second += 10) {
      server.sayNow(part)
      await vi.advanceTimersByTimeAsync(10_000)
    }
    expect(server.heard.filter(({ type }) => type === 'hello')).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(30_000)
    expect(server.heard.filter(({ type }) => type === 'hello').length).toBeGreaterThan(1)
  })
})

describe('a collection at which the server failed', () => {
  it('is live on the same socket as soon as the server can serve it', async () => {
    vi.useFakeTimers()
    const { server, todos } = setup()
    const answer = server.say.bind(server)
    let failures = 0
    server.say = (frame) => {
      if (frame.type !== 'joined' || failures === 2) return answer(frame)
      failures++
      answer({ type: 'refused', re: 'join', join: frame.join, code: 'internal', message: '' })
    }
    todos.subscribeChanges(() => {})
    await vi.advanceTimersByTimeAsync(1100)
    expect(todos.utils.syncState.get()).toMatchObject({ phase: 'error', error: { code: 'internal' } })
    await vi.advanceTimersByTimeAsync(2100)
    expect(todos.utils.syncState.get()).toEqual({ phase: 'live' })
    expect(server.heard.filter(({ type }) => type === 'hello')).toHaveLength(1)
  })

  it('leaves no timer behind when the client is closed', async () => {
    vi.useFakeTimers()
    const { server, client, todos } = setup()
    const answer = server.say.bind(server)
    server.say = (frame) => {
      if (frame.type !== 'joined') return answer(frame)
      answer({ type: 'refused', re: 'join', join: frame.join, code: 'internal', message: '' })
    }
    todos.subscribeChanges(() => {})
    await vi.advanceTimersByTimeAsync(100)
    expect(vi.getTimerCount()).toBeGreaterThan(0)
    await client.close()
    expect(vi.getTimerCount()).toBe(0)
  })
})
