import { createCollection } from '@tanstack/db'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { defaultEnvironment } from '../client/environment.ts'
import { isReceipt, todo } from '../client/testing/todo-room.ts'
import { doCollectionOptions } from '../collection/do-collection-options.ts'
import { encodeClientFrame } from '../wire/index.ts'
import { observedRoom, ROOM, saidBy } from './testing/observed-room.ts'

const opened: { close(): Promise<void> }[] = []
beforeEach(() => void vi.useFakeTimers())
afterEach(async () => {
  await Promise.all(opened.splice(0).map((client) => client.close()))
  vi.useRealTimers()
})

const open = (options: Parameters<typeof observedRoom>[0] = {}) => {
  const room = observedRoom({ environment: { ...defaultEnvironment(), place: 'page' }, ...options })
  opened.push(room.client)
  return room
}

/** Lets so many milliseconds go by. */
const pass = (ms = 20) => vi.advanceTimersByTimeAsync(ms)

async function connected(options: Parameters<typeof observedRoom>[0] = {}) {
  const room = open(options)
  const ready = room.todos.preload()
  await pass()
  await ready
  return room
}

describe('an event', () => {
  test('has the time and the client that it is of, which is one object', async () => {
    vi.setSystemTime(5_000_000)
    const { events } = await connected()
    expect(events.length).toBeGreaterThan(5)
    expect(events.every(({ at }) => at >= 5_000_000 && at <= Date.now())).toBe(true)
    expect(new Set(events.map(({ client }) => client))).toEqual(new Set([ROOM]))
    expect(new Set(events.map(({ client }) => client)).size).toBe(1)
  })
})

describe('the connection', () => {
  test('every change of the status is told once, as it is', async () => {
    const { client, server, todos, of } = open()
    const seen = [client.status.get()]
    client.status.subscribe(() => seen.push(client.status.get()))
    todos.subscribeChanges(() => {})
    await pass()
    server.drop()
    await pass()
    await client.close()
    expect(of('status').map(({ status }) => status)).toEqual(seen.slice(1))
    expect(seen.map(({ state }) => state)).toEqual([
      'idle',
      'connecting',
      'connected',
      'reconnecting',
      'connected',
      'closed',
    ])
  })

  test('every step of the session is told, with what made it and the socket', async () => {
    const { client, of } = await connected()
    // Heard by the session, and no step.
    client.resume({ token: 'new' })
    expect(of('session').map(saidBy)).toEqual([
      { type: 'session', from: 'idle', to: 'dialling', by: 'want', socket: 1 },
      { type: 'session', from: 'dialling', to: 'greeting', by: 'opened', socket: 1 },
      { type: 'session', from: 'greeting', to: 'live', by: 'welcomed', socket: 1 },
    ])
  })
})

describe('frames', () => {
  test('that are sent are told in order, each once, with the text that was sent', async () => {
    const { server, todos, of } = await connected()
    const { isPersisted } = todos.insert(todo('c'))
    await pass()
    await isPersisted.promise
    const out = of('frame').filter(({ way }) => way === 'out')
    expect(out.map(({ frame }) => frame)).toEqual(server.heard.map(({ type }) => type))
    expect(out.map(({ text }) => text)).toEqual(server.heard.map(encodeClientFrame))
    expect(out.every(({ length, text }) => length === text?.length)).toBe(true)
  })

  test('that arrive are told with their text, also those that are none', async () => {
    const { server, todos, of } = open()
    const attached = vi.spyOn(server, 'attach')
    todos.subscribeChanges(() => {})
    await pass()
    const received = of('frame').filter(({ way }) => way === 'in')
    expect(received.map(({ frame }) => frame)).toEqual(['welcome', 'changes', 'chunk', 'joined'])
    for (const { frame, text, length } of received) {
      expect(JSON.parse(text ?? '')).toMatchObject({ type: frame })
      expect(length).toBe(text?.length)
    }
    attached.mock.calls[0]?.[0].onMessage(1, 'nonsense')
    const last = of('frame').findLast(({ way }) => way === 'in')
    expect(last).toMatchObject({ frame: 'invalid', text: 'nonsense', length: 8 })
  })

  test('with credentials are told without their text', async () => {
    const { client, server, events, of } = await connected()
    client.resume({ token: 'open-sesame' })
    expect(server.heard.at(-1)).toEqual({ type: 'auth', token: 'open-sesame' })
    expect(of('frame').at(-1)).toMatchObject({ frame: 'auth', text: null })
    expect(of('frame').at(-1)?.length).toBeGreaterThan(11)
    expect(JSON.stringify(events)).not.toContain('open-sesame')
  })

  test('that the socket did not take are not told', async () => {
    const { server, todos, of } = await connected()
    server.send = () => false
    const before = of('frame').length
    todos.insert(todo('c')).isPersisted.promise.catch(() => {})
    await vi.advanceTimersByTimeAsync(0)
    expect(of('frame')).toHaveLength(before)
  })
})

describe('rows', () => {
  test('the position is told when it moves, and only then', async () => {
    const { server, of } = await connected()
    const positions = () => of('position').map(({ position }) => position)
    expect(positions()).toEqual([server.head])
    server.put('todos', { id: 'c', title: 'c', done: 0 })
    const { head } = server
    server.flush()
    await pass()
    expect(positions().slice(1)).toEqual([head])
    server.drop()
    await pass()
    expect(positions()).toHaveLength(2)
  })

  test('a subscription is told when it has joined, with its rows, and when it has been left', async () => {
    const { server, todos, of } = await connected()
    await todos.cleanup()
    await pass()
    const sub = { type: 'subscription', sub: 1, collection: 'todos' }
    expect(of('subscription').map(saidBy)).toEqual([
      { ...sub, is: 'joined', rows: 2 },
      { ...sub, is: 'left', rows: 0 },
    ])
    expect(server.heard.map(({ type }) => type)).toContain('leave')
  })

  test('a reset is told for the position and for what has to join again, and then that it has joined', async () => {
    const { server, of } = await connected()
    const [positions, subscriptions] = [of('position').length, of('subscription').length]
    server.reset = 'pruned'
    server.drop()
    await pass()
    expect(of('position').map(saidBy).slice(positions)).toEqual([
      { type: 'position', position: null },
      { type: 'position', position: server.head },
    ])
    expect(of('subscription').slice(subscriptions)).toMatchObject([
      { is: 'reset', collection: 'todos' },
      { is: 'joined', rows: 2 },
    ])
  })

  test('a refusal is told with its code', async () => {
    const { server, client, of } = await connected()
    server.refuses = () => 'unknown-collection'
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const notes = createCollection(doCollectionOptions({ client, table: 'notes' }))
    notes.preload().catch(() => {})
    await pass()
    expect(of('subscription').at(-1)).toMatchObject({
      is: 'refused',
      collection: 'notes',
      code: 'unknown-collection',
      rows: 0,
    })
  })
})

describe('writes', () => {
  test('a write is told when it has its number, is kept, is sent and is confirmed: each once', async () => {
    const { todos, of } = await connected()
    const { isPersisted } = todos.insert(todo('c'))
    await pass()
    await isPersisted.promise
    const [queued] = of('write')
    const { id, cid } = queued ?? {}
    expect(cid).toEqual(expect.any(String))
    const write = { type: 'write', id, cid, n: 1, what: 'insert todos c' }
    expect(of('write').map(saidBy)).toEqual(
      ['queued', 'stored', 'sent', 'confirmed'].map((is) => ({ ...write, is })),
    )
  })

  test('a refused write is told with the code of its refusal, and a retry under its next number', async () => {
    const { server, todos, client, of } = await connected()
    server.run = () => ({ is: 'rejected', code: 'denied', message: 'no' })
    todos.delete('a').isPersisted.promise.catch(() => {})
    await pass()
    expect(of('write').at(-1)).toMatchObject({ is: 'rejected', code: 'denied', n: 1, what: 'delete todos a' })
    const [failed] = client.failedWrites.get().items
    client.retryFailed(failed?.id ?? '').catch(() => {})
    await pass()
    expect(of('write').map(({ is, n }) => `${is} ${n}`)).toEqual([
      ...['queued 1', 'stored 1', 'sent 1', 'rejected 1'],
      ...['queued 2', 'stored 2', 'sent 2', 'rejected 2'],
    ])
  })

  test('a write whose answer was lost is confirmed once, by the next socket', async () => {
    const { server, client, of } = await connected()
    server.run = () => ({ is: 'committed' })
    server.passes = (frame) => !isReceipt(frame)
    const result = client.call.touch()
    await pass()
    server.drop()
    await pass()
    await result
    expect(of('write').map(({ is }) => is)).toEqual(['queued', 'stored', 'sent', 'confirmed'])
    expect(of('write')[0]?.what).toBe('call touch')
  })

  test('a write that did not arrive is told to be sent again, under its number', async () => {
    const { server, todos, of } = await connected()
    const arrives = server.send.bind(server)
    server.send = (socket, text) => text.includes('"push"') || arrives(socket, text)
    const { isPersisted } = todos.insert(todo('c'))
    await pass()
    server.send = arrives
    server.drop()
    await pass()
    await isPersisted.promise
    expect(of('write').map(({ is, n }) => `${is} ${n}`)).toEqual([
      ...['queued 1', 'stored 1', 'sent 1', 'sent 1', 'confirmed 1'],
    ])
  })

  test('what the client does not take is told with why, and has no number', async () => {
    const { server, todos, of } = await connected()
    server.limits = { ...server.limits, frameBytes: 600 }
    server.drop()
    await pass()
    todos.insert(todo('c', 'x'.repeat(1_000))).isPersisted.promise.catch(() => {})
    await pass()
    expect(of('write').map(saidBy)).toEqual([
      {
        type: 'write',
        is: 'invalid',
        id: expect.any(String),
        cid: null,
        n: null,
        what: null,
        code: 'write-too-large',
      },
    ])
  })

  test('what closing leaves unanswered is told to be unknown, and what was not sent to be unsent', async () => {
    const { server, todos, client, of } = await connected()
    server.passes = (frame) => !isReceipt(frame)
    todos.delete('a').isPersisted.promise.catch(() => {})
    await pass()
    server.reaches = () => false
    server.drop()
    todos.delete('b').isPersisted.promise.catch(() => {})
    await vi.advanceTimersByTimeAsync(0)
    await client.close()
    const ends = of('write').filter(({ is }) => is === 'unknown' || is === 'unsent')
    expect(ends).toMatchObject([
      { is: 'unknown', n: 1, what: 'delete todos a', code: 'client-closed' },
      { is: 'unsent', n: 2, what: 'delete todos b', code: 'client-closed-unsent' },
    ])
  })
})

describe('an observer', () => {
  test('that throws is reported once, and breaks nothing', async () => {
    const reported: unknown[] = []
    const environment = {
      ...defaultEnvironment(),
      place: 'page',
      reportError: (e: unknown) => void reported.push(e),
    } as const
    let calls = 0
    const observer = () => {
      calls++
      throw new Error(`call ${calls}`)
    }
    const { client, todos } = await connected({ environment, observer })
    const { isPersisted } = todos.insert(todo('c'))
    await pass()
    await isPersisted.promise
    expect(client.status.get().state).toBe('connected')
    expect(todos.size).toBe(3)
    expect(calls).toBeGreaterThan(10)
    expect(reported).toEqual([new Error('call 1')])
  })

  /** What a client says and reads of the world while it loads, writes, loses its socket and closes. */
  async function script(options: Parameters<typeof observedRoom>[0]) {
    vi.setSystemTime(1_000_000)
    let ids = 0
    const now = vi.fn(() => Date.now())
    const errors: unknown[] = []
    const { server, client, todos } = open({
      environment: {
        ...defaultEnvironment(),
        place: 'page',
        now,
        random: () => 0.5,
        randomId: () => `id-${++ids}`,
        reportError: (error) => void errors.push(error),
      },
      ...options,
    })
    todos.subscribeChanges(() => {})
    await pass()
    for (const id of ['c', 'd']) todos.insert(todo(id)).isPersisted.promise.catch(() => {})
    await pass()
    server.drop()
    await pass()
    const rows = [...todos.keys()]
    await client.close()
    return { heard: server.heard, rows, errors, asked: now.mock.calls.length }
  }

  test('changes nothing of what the client does, and without one nothing is looked up for events', async () => {
    const events: unknown[] = []
    const unobserved = await script({ observer: undefined as never })
    const observed = await script({ observer: (event) => void events.push(event) })
    expect(events.length).toBeGreaterThan(20)
    expect(observed.heard).toEqual(unobserved.heard)
    expect(observed.rows).toEqual(unobserved.rows)
    expect([observed.errors, unobserved.errors]).toEqual([[], []])
    // Each event asks for the time, once.
    expect(observed.asked - unobserved.asked).toBe(events.length)
  })
})
