import type { HelloFrame, Position } from '@durable-sync/core/wire'
import { expect, test } from 'vitest'
import { Greetings } from './greetings.ts'
import type { Handshake } from './handshake.ts'
import type { SyncSocket } from './sync-socket.ts'
import { UNDERWAY_BYTES, type Underway } from './underway.ts'

const MB = 1024 * 1024

/** Greetings with a clock, a handshake that writes down whom it greets, and so much on its way. */
function fixture(answerBytes = 0) {
  let time = 0
  let moving = UNDERWAY_BYTES / 2
  const greeted: string[] = []
  const errors: unknown[] = []
  const said: SyncSocket[] = []
  const timers: { at: number; task: () => void }[] = []
  const greetings = new Greetings({
    handshake: {
      greet: ({ id }: SyncSocket, { client }: HelloFrame) => {
        if (client === 'broken') throw new Error('no')
        greeted.push(id)
        moving += answerBytes
      },
    } as unknown as Handshake,
    underway: {
      sent: () => {},
      measure: () => ({ sockets: 1, bytes: moving, moving }),
    } as unknown as Underway,
    event: (event) => errors.push(event),
    now: () => time,
    sockets: () => ({
      *of(principal) {
        yield* said.filter((socket) => socket.principal === principal)
      },
    }),
    later: (ms, task) => timers.push({ at: time + ms, task }),
  })
  const hello = (id: string, { at = '1.n.o' as Position | null, client = id, principal = 'me' } = {}) => {
    const state = { id, isOpen: true, closed: undefined as number | undefined }
    const close = (code: number) => Object.assign(state, { isOpen: false, closed: code })
    const ways = { close, restart: () => close(1012), supersede: () => close(4409) }
    const live = Object.defineProperty({ ...state, ...ways, principal }, 'isOpen', {
      get: () => state.isOpen,
    })
    const socket = live as unknown as SyncSocket
    said.push(socket)
    const say = () => greetings.add(socket, { type: 'hello', v: 1, client, cids: [], at, subs: [] })
    say()
    return { state, say }
  }
  const pass = (ms: number) => {
    for (const end = time + ms; ; ) {
      const [next] = timers.sort((a, b) => a.at - b.at)
      if (!next || next.at > end) {
        time = end
        return
      }
      timers.shift()
      time = next.at
      next.task()
    }
  }
  const make = (bytes: number) => {
    moving -= bytes
  }
  return { greetings, greeted, errors, timers, hello, pass, make }
}

test('those who wait are answered in the order in which they came, as far as there is room', () => {
  const { greeted, hello, pass, make, timers } = fixture(4 * MB)
  for (const id of ['a', 'b', 'c']) hello(id)
  pass(100)
  expect(greeted).toEqual([])
  make(4 * MB)
  pass(20)
  expect(greeted).toEqual(['a'])
  make(8 * MB)
  pass(20)
  expect(greeted).toEqual(['a', 'b', 'c'])
  expect(timers).toEqual([])
})

test('nobody overtakes those who wait but who has nothing to go on from', () => {
  const { greeted, hello, pass, make } = fixture()
  hello('waits')
  make(1)
  hello('comes later')
  hello('new', { at: null })
  expect(greeted).toEqual(['new'])
  pass(20)
  expect(greeted).toEqual(['new', 'waits', 'comes later'])
})

test('who has waited for two seconds is answered without room, one at a time', () => {
  const { greeted, hello, pass } = fixture()
  for (const id of ['a', 'b', 'c']) hello(id)
  pass(1980)
  expect(greeted).toEqual([])
  pass(20)
  expect(greeted).toEqual(['a'])
  pass(40)
  expect(greeted).toEqual(['a', 'b', 'c'])
})

test('those who have waited for two seconds are answered together where there is room again', () => {
  const { greeted, hello, pass, make, timers } = fixture()
  for (const id of ['a', 'b', 'c', 'd']) hello(id)
  pass(2000)
  expect(greeted).toEqual(['a'])
  make(1)
  pass(20)
  expect(greeted).toEqual(['a', 'b', 'c', 'd'])
  expect(timers).toEqual([])
})

test('who has left meanwhile is passed over', () => {
  const { greeted, hello, pass, make } = fixture()
  const { state } = hello('left')
  hello('stayed')
  state.isOpen = false
  make(1)
  pass(20)
  expect(greeted).toEqual(['stayed'])
})

test('who says hello again while it waits is closed with 4400, and greeted no more', () => {
  const { greeted, hello, pass, make, timers } = fixture()
  const { say, state } = hello('twice')
  say()
  expect(state.closed).toBe(4400)
  hello('next')
  expect(timers).toHaveLength(1)
  make(1)
  pass(100)
  expect(greeted).toEqual(['next'])
})

test('a newer socket of a client closes the older one that waits, and is not overtaken by it', () => {
  const { greeted, hello, pass, make } = fixture()
  const { state } = hello('older', { client: 'it' })
  const { state: foreign } = hello('somebody else’s', { client: 'it', principal: 'you' })
  hello('newer', { client: 'it', at: null })
  expect([state.closed, foreign.closed, greeted]).toEqual([4409, undefined, ['newer']])
  make(1)
  pass(20)
  expect(greeted).toEqual(['newer', 'somebody else’s'])
})

test('a hello that cannot be answered closes its own socket with 1012, and the next is answered', () => {
  const { greeted, errors, hello, pass, make } = fixture()
  const { state } = hello('first', { client: 'broken' })
  hello('second')
  make(1)
  pass(20)
  expect(state.closed).toBe(1012)
  expect(errors).toMatchObject([{ type: 'error', where: 'hello' }])
  expect(greeted).toEqual(['second'])
})

test('where another installation takes over, all who wait are told to dial again', () => {
  const { greetings, greeted, hello, pass, make } = fixture()
  const [{ state: one }, { state: two }] = [hello('one'), hello('two')]
  greetings.abandon()
  make(1)
  pass(100)
  expect([one.closed, two.closed]).toEqual([1012, 1012])
  expect(greeted).toEqual([])
})
