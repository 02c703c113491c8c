import { expect, test } from 'vitest'
import type { SyncSocket } from './sync-socket.ts'
import { type Answered, Underway } from './underway.ts'

const MB = 1024 * 1024

/** A socket as far as it is asked here. */
class Peer {
  isOpen = true
  sentBytes = 0
  ackedBytes = 0

  get socket(): SyncSocket {
    return this as unknown as SyncSocket
  }
}

/** And a clock. */
function fixture() {
  let time = 0
  const underway = new Underway(() => time)
  /** A socket that was sent an answer. */
  const sent = (bytes: number, answered: Answered = 'all') => {
    const peer = new Peer()
    peer.sentBytes = bytes
    underway.sent(peer.socket, answered)
    return peer
  }
  const pass = (ms: number) => {
    time += ms
  }
  return { underway, sent, pass }
}

test('what is on its way is what open sockets have not acknowledged, at most an answer each', () => {
  const { underway, sent } = fixture()
  const [, two, gone] = [sent(MB), sent(9 * MB), sent(MB)]
  gone.isOpen = false
  expect(underway.measure()).toEqual({ sockets: 2, bytes: 5 * MB, moving: 5 * MB })
  underway.arrived(two.socket)
  expect(underway.measure()).toEqual({ sockets: 1, bytes: MB, moving: MB })
})

test('the end of a whole answer counts no more when less than a client acknowledges is left; a part counts until it is gone on with', () => {
  const { underway, sent } = fixture()
  sent(60_000, 'all')
  sent(60_000, 'a part')
  expect(underway.measure()).toMatchObject({ sockets: 1, bytes: 60_000 })
})

test('what comes unasked after an answer is not on its way to one who asked', () => {
  const { underway, sent } = fixture()
  const peer = sent(3 * MB)
  peer.sentBytes += MB
  expect(underway.measure().bytes).toBe(3 * MB)
  peer.ackedBytes = 3 * MB
  expect(underway.measure().sockets).toBe(0)
})

test('who acknowledges nothing for five seconds is not on the move, whatever else it is sent, until it does', () => {
  const { underway, sent, pass } = fixture()
  const peer = sent(3 * MB)
  expect(underway.measure().moving).toBe(3 * MB)
  pass(4999)
  peer.sentBytes += 1000
  expect(underway.measure().moving).toBe(3 * MB)
  pass(1)
  expect(underway.measure()).toEqual({ sockets: 1, bytes: 3 * MB, moving: 0 })
  peer.ackedBytes = MB
  expect(underway.measure().moving).toBe(2 * MB)
})
