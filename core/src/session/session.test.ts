import { describe, expect, test } from 'vitest'
import { CloseCode } from '../wire/index.ts'
import { closed, fixture, HELLO, PASS, settled, unreachable, WELCOME } from './testing/session-fixture.ts'

describe('a session that connects', () => {
  test('does nothing before it is wanted, and nothing for ever once it is closed', () => {
    const { session, transport, environment, state } = fixture()
    expect([transport.opened.length, environment.timers, environment.listeners]).toEqual([0, 0, 0])
    session.close()
    session.want()
    session.resume({ token: 't' })
    expect(transport.opened).toEqual([])
    expect(state()).toBe('closed')
  })

  test('says hello first and lets nothing else through before the welcome', () => {
    const { session, transport, listener } = fixture()
    session.want()
    expect(session.send({ type: 'leave', sub: 1 })).toBe(false)
    transport.accept()
    expect(session.send({ type: 'leave', sub: 2 })).toBe(false)
    expect(transport.frames).toEqual([HELLO])
    transport.say(WELCOME)
    expect(session.send({ type: 'leave', sub: 3 })).toBe(true)
    expect(transport.frames).toEqual([HELLO, { type: 'leave', sub: 3 }])
    expect(listener.log).toEqual(['hello', 'welcomed'])
  })

  test('never sends later what could not be sent while it was down', () => {
    const { session, transport, environment, connect, welcome } = fixture()
    connect()
    transport.end(closed(1006))
    expect(session.send({ type: 'leave', sub: 1 })).toBe(false)
    environment.advance(2000)
    welcome()
    expect(transport.frames).toEqual([HELLO, HELLO])
  })

  test('can send within the call that tells of the welcome', () => {
    const { session, transport, listener, connect } = fixture()
    let sent: boolean | undefined
    listener.welcomed = () => {
      sent = session.send({ type: 'leave', sub: 1 })
    }
    connect()
    expect(sent).toBe(true)
    expect(transport.frames.at(-1)).toEqual({ type: 'leave', sub: 1 })
  })

  test('gives up a socket without a welcome after ten seconds and dials another', () => {
    const { session, transport, environment, cause } = fixture()
    session.want()
    transport.accept()
    environment.advance(9_999)
    expect(transport.closed).toEqual([])
    environment.advance(1)
    expect(transport.closed).toMatchObject([{ socket: 1, code: CloseCode.handshakeTimeout }])
    environment.advance(2000)
    expect(transport.socket).toBe(2)
    environment.advance(4000)
    expect(cause()?.code).toBe('handshake-timeout')
  })

  test('gives up a transport that never answers', () => {
    const { session, transport, environment } = fixture()
    session.want()
    environment.advance(45_000 + 2000)
    expect(transport.socket).toBe(2)
    expect(transport.closed).toMatchObject([{ socket: 1 }])
  })

  test('reports a listener that throws and goes on', () => {
    const { transport, listener, environment, state, connect } = fixture()
    listener.received = () => {
      throw new Error('from the application')
    }
    connect()
    expect(environment.errors).toMatchObject([{ message: 'from the application' }])
    expect(state()).toBe('connected')
    transport.end(closed(1006))
    expect(listener.log.at(-1)).toBe('lost')
  })
})

describe('a session that loses its socket', () => {
  test('jitters already the first retry, over the window that the server named [G3]', () => {
    for (const wait of [1, 250, 999]) {
      const { transport, environment, connect } = fixture()
      connect()
      environment.advance(6000)
      environment.chance = wait / WELCOME.reconnectWindowMs
      transport.end(closed(1006))
      environment.advance(wait - 1)
      expect(transport.socket).toBe(1)
      environment.advance(1)
      expect(transport.socket).toBe(2)
    }
  })

  test('waits longer and longer for a server that accepts and closes, up to half a minute [G3]', () => {
    const { session, transport, environment, welcome } = fixture()
    environment.chance = 0.999
    session.want()
    const waits: number[] = []
    for (let n = 0; n < 9; n++) {
      welcome()
      transport.end(closed(1006))
      const from = environment.now()
      const socket = transport.socket
      while (transport.socket === socket) environment.advance(100)
      waits.push(environment.now() - from)
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000])
  })

  test('forgets failures only when it was welcomed for five seconds [G3]', () => {
    const { transport, environment, session, connect, welcome } = fixture()
    connect()
    transport.end(closed(1006))
    environment.advance(1000)
    welcome()
    expect(session.status.get()).toMatchObject({ state: 'connected' })
    environment.advance(4_999)
    transport.end(closed(1006))
    expect(session.status.get()).toMatchObject({ state: 'reconnecting', attempt: 3 })
    environment.advance(2000)
    welcome()
    environment.advance(5000)
    transport.end(closed(1006))
    expect(session.status.get()).toMatchObject({ state: 'reconnecting', attempt: 2 })
  })

  test('dials at once when it is kicked', () => {
    const { session, transport, environment, connect } = fixture()
    connect()
    environment.chance = 0.999
    transport.end(closed(1006))
    session.kick()
    expect(transport.socket).toBe(2)
    session.kick()
    expect(transport.socket).toBe(2)
  })

  test('stays away for as long as a goodbye says, even when the close that follows has lost its code', () => {
    const { transport, environment, cause, connect } = fixture()
    connect()
    environment.chance = 0
    transport.say({ type: 'goodbye', code: CloseCode.overloaded, message: 'later', retryAfterMs: 7000 })
    transport.end(closed(1000))
    environment.advance(6_999)
    expect(transport.socket).toBe(1)
    expect(cause()?.code).toBe('overloaded')
    environment.advance(1)
    expect(transport.socket).toBe(2)
  })

  test('holds back while the platform is offline, but not for ever', () => {
    const { transport, environment, connect } = fixture()
    connect()
    environment.network = 'offline'
    transport.end(closed(1006))
    environment.advance(29_000)
    expect(transport.socket).toBe(1)
    environment.advance(2000)
    expect(transport.socket).toBe(2)
  })

  test('ends the offline hold, with jitter, when the network is back', () => {
    const { transport, environment, connect } = fixture()
    connect()
    environment.network = 'offline'
    transport.end(closed(1006))
    environment.advance(10_000)
    environment.network = 'online'
    environment.window.fire('online')
    expect(transport.socket).toBe(1)
    environment.advance(500)
    expect(transport.socket).toBe(2)
  })

  test('retries within a quarter of a second when the page has just woken up', () => {
    const { transport, environment, connect } = fixture()
    connect()
    environment.advance(6000)
    environment.chance = 0.999
    transport.end(closed(1006))
    environment.document.fire('visibilitychange')
    environment.advance(250)
    expect(transport.socket).toBe(2)
  })

  test('tells once that a welcomed socket is lost, and nothing of one that was not', () => {
    const { session, transport, environment, listener, connect } = fixture()
    connect()
    session.redial(CloseCode.gap, 'gap')
    transport.accept()
    transport.end(closed(1006))
    environment.advance(4000)
    transport.end(unreachable)
    expect(listener.log).toEqual(['hello', 'welcomed', 'changes', 'lost', 'hello'])
  })

  test('is not touched by the late close and late frames of an old socket, but hands the frames on [G8]', () => {
    const { session, transport, listener, state, connect, welcome } = fixture()
    connect()
    session.redial(CloseCode.gap, 'gap')
    welcome()
    const before = listener.log.length
    transport.end(closed(4403), 1)
    transport.say(PASS, 1)
    transport.say('nonsense', 1)
    transport.say({ type: 'goodbye', code: 4400, message: '' }, 1)
    expect(state()).toBe('connected')
    expect(transport.socket).toBe(2)
    expect(listener.log.slice(before)).toEqual(['late changes'])
  })

  test('redials at once the first time, and with a delay when that did not help', () => {
    const { session, transport, environment, connect, welcome } = fixture()
    connect()
    session.redial(CloseCode.silence, 'no answer')
    expect(transport.closed).toMatchObject([{ socket: 1, code: CloseCode.silence }])
    expect(transport.socket).toBe(2)
    welcome()
    session.redial(CloseCode.silence, 'no answer')
    expect(transport.socket).toBe(2)
    environment.advance(2000)
    expect(transport.socket).toBe(3)
  })

  test('redials soon when the socket no longer takes frames', async () => {
    const { session, transport, listener, connect } = fixture()
    connect()
    transport.stall()
    expect(session.send({ type: 'leave', sub: 1 })).toBe(false)
    expect(listener.log.at(-1)).toBe('changes')
    await settled()
    expect(listener.log.at(-1)).toBe('lost')
    expect(transport.socket).toBe(2)
  })
})
