import { expect, test } from 'vitest'
import type { SyncSocket } from './sync-socket.ts'
import { Underway } from './underway.ts'

const MB = 1024 * 1024

/** A socket as far as it is asked here, and a clock. */
function fixture() {
  let time = 0
  const underway = new Underway(() => time)
  const socket = () => {
    const state = { isOpen: true, unacknowledged: 0 }
    return { state, socket: state as unknown as SyncSocket }
  }
  return {
    underway,
    socket,
    pass: (ms: number) => {
      time += ms
    },
  }
}

test('what is on its way is what open sockets have not acknowledged, at most an answer each', () => {
  const { underway, socket } = fixture()
  const [one, two, gone] = [socket(), socket(), socket()]
  for (const { socket } of [one, two, gone]) underway.sent(socket, 'all')
  one.state.unacknowledged = MB
  two.state.unacknowledged = 9 * MB
  gone.state.unacknowledged = MB
  gone.state.isOpen = false
  expect(underway.measure()).toEqual({ sockets: 2, bytes: 5 * MB, moving: 5 * MB })
  underway.arrived(two.socket)
  expect(underway.measure()).toEqual({ sockets: 1, bytes: MB, moving: MB })
})

test('the end of a whole answer counts no more when less than a client acknowledges is left; a part counts until it is gone on with', () => {
  const { underway, socket } = fixture()
  const [whole, part] = [socket(), socket()]
  underway.sent(whole.socket, 'all')
  underway.sent(part.socket, 'a part')
  for (const { state } of [whole, part]) state.unacknowledged = 60_000
  expect(underway.measure()).toMatchObject({ sockets: 1, bytes: 60_000 })
})

test('who acknowledges nothing for five seconds is not on the move, until it does', () => {
  const { underway, socket, pass } = fixture()
  const { state, socket: slow } = socket()
  underway.sent(slow, 'all')
  state.unacknowledged = 3 * MB
  expect(underway.measure().moving).toBe(3 * MB)
  pass(4999)
  expect(underway.measure().moving).toBe(3 * MB)
  pass(1)
  expect(underway.measure()).toEqual({ sockets: 1, bytes: 3 * MB, moving: 0 })
  state.unacknowledged = 2 * MB
  expect(underway.measure().moving).toBe(2 * MB)
})
