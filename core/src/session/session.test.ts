import { describe, expect, test } from 'vitest'
import { AuthError, ProtocolError } from '../errors.ts'
import { ACK_EVERY_BYTES, CloseCode, PONG } from '../wire/index.ts'
import { closed, fixture, HELLO, PASS, settled, unreachable, WELCOME } from './session-fixture.ts'

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
  test('jitters already the first retry, over the window that the server named', () => {
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

  test('waits longer and longer for a server that accepts and closes, up to half a minute', () => {
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

  test('forgets failures only when it was welcomed for five seconds', () => {
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

  test('is not touched by the late close and late frames of an old socket, but hands the frames on', () => {
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

describe('a session without valid credentials', () => {
  test('renews them once for a 4401, and the second in a row is for the application', () => {
    const { transport, session, connect, welcome, state, cause } = fixture()
    connect()
    transport.end(closed(CloseCode.unauthorized, 'expired'))
    expect(transport.opened.map(({ credentials }) => credentials)).toEqual(['cached', 'renewed'])
    welcome()
    transport.end(closed(CloseCode.unauthorized, 'expired'))
    expect(state()).toBe('needs-auth')
    expect(cause()).toBeInstanceOf(AuthError)
    expect(cause()?.code).toBe('unauthorized')
    session.kick()
    session.want()
    expect(transport.socket).toBe(2)
    session.resume({ token: 'new' })
    expect(transport.opened.at(-1)).toEqual({ socket: 3, credentials: 'renewed', token: 'new' })
    welcome()
    expect(state()).toBe('connected')
  })

  test('may renew again after a stable time', () => {
    const { transport, environment, connect, welcome } = fixture()
    connect()
    for (const socket of [2, 3, 4]) {
      environment.advance(5000)
      transport.say({ type: 'goodbye', code: CloseCode.unauthorized, message: '' })
      expect(transport.opened.at(-1)).toMatchObject({ socket, credentials: 'renewed' })
      welcome()
    }
  })

  test('stops for 4403 and for a logged-out application', () => {
    const first = fixture()
    first.connect()
    first.transport.end(closed(CloseCode.forbidden))
    expect([first.state(), first.cause()?.code]).toEqual(['needs-auth', 'forbidden'])
    const second = fixture()
    second.session.want()
    second.transport.end({ is: 'logged-out' })
    expect([second.state(), second.cause()?.code]).toEqual(['needs-auth', 'logged-out'])
    for (const { environment, transport } of [first, second]) {
      environment.advance(100_000)
      expect(transport.socket).toBe(1)
      expect(environment.timers).toBe(0)
    }
  })

  test('looks once for the status of a first upgrade that failed', async () => {
    const { session, transport, environment, state, cause } = fixture()
    session.want()
    transport.probeStatus = 426
    transport.end(unreachable)
    await settled()
    environment.advance(2000)
    transport.end(unreachable)
    expect(transport.probes).toBe(1)
    expect(state()).toBe('connecting')
    environment.advance(5000)
    expect([state(), cause()?.code]).toEqual(['disconnected', 'unreachable'])
  })

  test('treats a hidden 401 like a 4401 and a hidden 403 like a 4403', async () => {
    const first = fixture()
    first.transport.probeStatus = 401
    first.session.want()
    first.transport.end(unreachable)
    await settled()
    expect(first.transport.opened.at(-1)).toMatchObject({ socket: 2, credentials: 'renewed' })
    first.transport.end(unreachable)
    await settled()
    expect([first.state(), first.cause()?.code]).toEqual(['needs-auth', 'unauthorized'])

    const second = fixture()
    second.transport.probeStatus = 403
    second.session.want()
    second.transport.end(unreachable)
    await settled()
    expect([second.state(), second.cause()?.code]).toEqual(['needs-auth', 'forbidden'])
  })

  test('does not look once it was welcomed', async () => {
    const { transport, environment, connect } = fixture()
    connect()
    transport.end(closed(1006))
    environment.advance(1000)
    transport.end(unreachable)
    await settled()
    expect(transport.probes).toBe(0)
  })

  test('hands a token to a live server, and uses it for the next socket', () => {
    const { session, transport, environment, connect } = fixture()
    connect()
    session.resume({ token: 'fresh' })
    expect(transport.frames.at(-1)).toEqual({ type: 'auth', token: 'fresh' })
    transport.end(closed(1006))
    environment.advance(1000)
    expect(transport.opened.at(-1)).toMatchObject({ socket: 2, token: 'fresh' })
  })
})

describe('a session that cannot go on', () => {
  test.each([
    [CloseCode.protocol, 'protocol-refused'],
    [CloseCode.superseded, 'superseded'],
  ])('fails on %i until it is resumed', (code, expected) => {
    const { session, transport, environment, state, cause, connect } = fixture()
    connect()
    transport.end(closed(code))
    expect([state(), cause()?.code]).toEqual(['failed', expected])
    environment.advance(100_000)
    expect(transport.socket).toBe(1)
    session.resume()
    expect(transport.socket).toBe(2)
  })

  test('redials for one frame that is none, and fails on the second within a minute', () => {
    const { transport, environment, state, cause, connect, welcome } = fixture()
    connect()
    transport.say('{"type":"nonsense"}')
    expect(transport.socket).toBe(2)
    welcome()
    for (let i = 0; i < 3; i++) {
      environment.advance(19_000)
      transport.say(PONG)
    }
    transport.say('')
    expect([state(), cause()?.code]).toEqual(['failed', 'frame-invalid'])
    expect(cause()).toBeInstanceOf(ProtocolError)
  })

  test('takes any frame before the welcome, and a second welcome, for a violation', () => {
    const first = fixture()
    first.session.want()
    first.transport.accept()
    first.transport.say(PASS)
    expect(first.transport.socket).toBe(2)
    expect(first.listener.log).toEqual(['hello'])
    const second = fixture()
    second.connect()
    second.transport.say(WELCOME)
    expect(second.transport.socket).toBe(2)
  })

  test('fails on a refused hello, and retries when the refusal is passing', () => {
    const first = fixture()
    first.session.want()
    first.transport.accept()
    first.transport.say({ type: 'refused', re: 'frame', code: 'frame-too-large', message: 'hello too large' })
    expect([first.state(), first.cause()?.code]).toEqual(['failed', 'frame-too-large'])
    const second = fixture()
    second.session.want()
    second.transport.accept()
    second.transport.say({ type: 'refused', re: 'frame', code: 'internal', message: '' })
    second.environment.advance(2000)
    expect(second.transport.socket).toBe(2)
  })

  test('fails when the transport says that a developer has to act, or throws', () => {
    const first = fixture()
    first.session.want()
    first.transport.end({ is: 'unusable', cause: new ProtocolError('websocket-missing', '') })
    expect([first.state(), first.cause()?.code]).toEqual(['failed', 'websocket-missing'])
    const second = fixture()
    second.transport.attach = () => {
      throw new ProtocolError('transport-in-use', '')
    }
    second.session.want()
    expect([second.state(), second.cause()?.code]).toEqual(['failed', 'transport-in-use'])
  })
})

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

  test('closes 1000 ten seconds after nobody needs it, leaving nothing behind, and comes back', () => {
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

  test('leaves no timer and no listener when it is closed, in every phase', async () => {
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

  test('parks when the page is hidden away and is back at once when it returns', () => {
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

  test('notices a silent death of the network and redials', () => {
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
    expect(acks.at(-1)).toMatchObject({ bytes: expect.closeTo(ACK_EVERY_BYTES * 2.5, -3) })
  })

  test('says that the server does not answer after two silent sockets in a row, until it does', () => {
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
  test('says reconnecting first and disconnected after five seconds', () => {
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
