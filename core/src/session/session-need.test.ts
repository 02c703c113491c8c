import { describe, expect, test } from 'vitest'
import { ACK_ANSWER_BYTES, ACK_EVERY_BYTES, CloseCode, encodeServerFrame, PONG } from '../wire/index.ts'
import { closed, fixture, HELLO, PASS, settled, unreachable, WELCOME } from './testing/session-fixture.ts'

const JOINED = {
  type: 'joined',
  join: 1,
  at: PASS.to,
  replace: true,
  shape: 's',
  key: 'id',
  kinds: {},
} as const

describe('a session that is needed or not', () => {
  test('keeps one socket over want, unwant, want', () => {
    const { session, transport, environment, welcome, state } = fixture()
    session.want()
    session.unwant()
    session.want()
    welcome()
    session.unwant()
    environment.advance(9_999)
    session.want()
    environment.advance(20_000)
    expect(transport.socket).toBe(1)
    expect(state()).toBe('connected')
  })

  test('closes 1000 ten seconds after nobody needs it, leaving nothing behind, and comes back [G5]', () => {
    const { session, transport, environment, listener, state, connect } = fixture()
    connect()
    session.unwant()
    environment.advance(10_000)
    expect(transport.closed).toMatchObject([{ socket: 1, code: 1000 }])
    expect(listener.log.at(-1)).toBe('lost')
    expect([state(), environment.timers, environment.listeners]).toEqual(['idle', 0, 0])
    connect()
    expect([state(), transport.socket]).toEqual(['connected', 2])
  })

  test('does not reconnect while it lingers', () => {
    const { session, transport, environment, state, connect } = fixture()
    connect()
    session.unwant()
    transport.end(closed(1006))
    environment.advance(60_000)
    expect([state(), transport.socket]).toEqual(['idle', 1])
  })

  test('leaves no timer and no listener when it is closed, in every phase [G4]', async () => {
    const phases: readonly ((f: ReturnType<typeof fixture>) => void | Promise<void>)[] = [
      () => {},
      (f) => f.session.want(),
      (f) => f.transport.end(unreachable),
      () => settled(),
      (f) => f.environment.advance(2000),
      (f) => f.transport.accept(),
      (f) => f.transport.say(WELCOME),
      (f) => f.session.unwant(),
      (f) => f.environment.window.fire('pagehide'),
    ]
    for (let last = 0; last < phases.length; last++) {
      const f = fixture()
      for (const phase of phases.slice(0, last + 1)) await phase(f)
      f.session.close()
      expect([f.state(), f.environment.timers, f.environment.listeners]).toEqual(['closed', 0, 0])
      const { socket } = f.transport
      f.environment.advance(100_000)
      f.environment.window.fire('pageshow')
      await settled()
      expect(f.transport.socket).toBe(socket)
    }
  })

  test('parks when the page is hidden away and is back at once when it returns [G5]', () => {
    for (const [away, back] of [
      ['pagehide', 'pageshow'],
      ['freeze', 'resume'],
    ] as const) {
      const { transport, environment, state, connect, welcome } = fixture()
      connect()
      const target = away === 'pagehide' ? environment.window : environment.document
      target.fire(away)
      expect(transport.closed).toMatchObject([{ socket: 1, code: 1000 }])
      expect(environment.timers).toBe(0)
      environment.sleep(600_000)
      target.fire(back)
      expect(transport.socket).toBe(2)
      expect(state()).toBe('reconnecting')
      welcome()
      expect(state()).toBe('connected')
    }
  })
})

describe('a session that listens', () => {
  test('keeps pongs to itself', () => {
    const { transport, listener, connect } = fixture()
    connect()
    transport.say(PONG)
    expect(listener.log).toEqual(['hello', 'welcomed', 'changes'])
  })

  test('notices a silent death of the network and redials [G9]', () => {
    const { transport, environment, connect } = fixture()
    connect()
    environment.advance(25_000)
    expect(transport.pings).toBe(1)
    environment.advance(10_000)
    expect(transport.closed).toMatchObject([{ socket: 1, code: CloseCode.heartbeatMissed }])
    expect(transport.socket).toBe(2)
  })

  test('asks for a sign of life, with less patience, on every wake signal', () => {
    for (const wake of ['online', 'offline', 'visibilitychange'] as const) {
      const { transport, environment, connect } = fixture()
      connect()
      environment.advance(10_000)
      const target = wake === 'visibilitychange' ? environment.document : environment.window
      target.fire(wake)
      expect(transport.pings).toBe(1)
      environment.advance(2_999)
      expect(transport.closed).toEqual([])
      environment.advance(1)
      expect(transport.closed).toMatchObject([{ socket: 1, code: CloseCode.heartbeatMissed }])
    }
  })

  test('acknowledges about every megabyte, and never before the first pass is over', () => {
    const { session, transport } = fixture()
    session.want()
    transport.accept()
    transport.say(WELCOME)
    const half = 'x'.repeat(ACK_EVERY_BYTES / 2)
    const frame = { type: 'ephemeral', topic: 't', data: half } as const
    for (let i = 0; i < 3; i++) transport.say(frame)
    expect(transport.frames).toEqual([HELLO])
    transport.say(PASS)
    for (let i = 0; i < 2; i++) transport.say(frame)
    const acks = transport.frames.filter(({ type }) => type === 'ack')
    expect(acks.length).toBe(2)
    expect(acks.at(-1)).toMatchObject({ bytes: expect.closeTo(ACK_EVERY_BYTES * 2.5, -4) })
  })

  test('acknowledges the end of what it asked for when that was more than 64 kB, so that others need not wait', () => {
    const { session, transport } = fixture()
    session.want()
    transport.accept()
    transport.say(WELCOME)
    const acks = () => transport.frames.filter(({ type }) => type === 'ack').length
    const some = { type: 'ephemeral', topic: 't', data: 'x'.repeat(ACK_ANSWER_BYTES) } as const
    transport.say(some)
    transport.say(PASS)
    expect(acks()).toBe(1)
    transport.say(some)
    transport.say({ ...PASS, live: false })
    expect(acks()).toBe(1)
    transport.say(JOINED)
    expect(acks()).toBe(2)
    transport.say(JOINED)
    expect(acks()).toBe(2)
  })

  test('acknowledges all that the server has sent it, the welcome as well, and nothing of an earlier socket', () => {
    const { session, transport } = fixture()
    session.want()
    for (let i = 0; i < 2; i++) {
      transport.accept()
      const said = [
        WELCOME,
        { type: 'ephemeral', topic: 't', data: 'x'.repeat(ACK_ANSWER_BYTES) } as const,
        PASS,
      ]
      for (const frame of said) transport.say(frame)
      const bytes = said.reduce((sum, frame) => sum + encodeServerFrame(frame).length, 0)
      expect(transport.frames.at(-1)).toEqual({ type: 'ack', bytes })
      session.redial(CloseCode.silence, 'again')
    }
  })

  test('says that the server does not answer after two silent sockets in a row, until it does [G10, R10]', () => {
    const { session, transport, environment, state, cause, connect, welcome } = fixture()
    connect()
    for (let i = 0; i < 2; i++) {
      session.redial(CloseCode.silence, 'no answer')
      environment.advance(2000)
      welcome()
    }
    expect([state(), cause()?.code]).toEqual(['disconnected', 'server-silent'])
    transport.say(PASS)
    expect(state()).toBe('disconnected')
    transport.say({ ...PASS, settled: [] })
    expect(state()).toBe('connected')
  })
})

describe('the status', () => {
  test('says reconnecting first and disconnected after five seconds [G10]', () => {
    const { transport, environment, state, connect } = fixture()
    connect()
    environment.advance(6000)
    environment.network = 'offline'
    transport.end(closed(1006))
    environment.advance(4_999)
    expect(state()).toBe('reconnecting')
    environment.advance(1)
    expect(state()).toBe('disconnected')
  })

  test('keeps the same object while nothing changes, and never notifies within subscribe', () => {
    const { session, transport, connect } = fixture()
    const seen: string[] = []
    connect()
    session.status.subscribe(() => seen.push(session.status.get().state))
    const before = session.status.get()
    transport.say({ ...PASS, live: false })
    session.want()
    expect(session.status.get()).toBe(before)
    expect(seen).toEqual([])
    transport.end(closed(1006))
    expect(seen).toEqual(['reconnecting'])
  })
})
