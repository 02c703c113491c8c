import { describe, expect, test } from 'vitest'
import { AuthError, ProtocolError } from '../errors.ts'
import { CloseCode, PONG } from '../wire/index.ts'
import { closed, fixture, PASS, settled, unreachable, WELCOME } from './testing/session-fixture.ts'

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

  test('looks once for the status of a first upgrade that failed [G1]', async () => {
    const { session, transport, environment, state, cause, welcome } = fixture()
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
    welcome()
    expect(state()).toBe('connected')
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

  test('is told nothing of a welcome to another user, and waits for credentials of the first [R17]', () => {
    const { session, transport, environment, listener, connect, welcome, state, cause } = fixture()
    connect()
    transport.end(closed(1006))
    environment.advance(1000)
    transport.accept()
    transport.say({ ...WELCOME, principal: 'another' })
    expect([state(), cause()?.code]).toEqual(['needs-auth', 'principal-changed'])
    expect(cause()).toBeInstanceOf(AuthError)
    expect(transport.closed.at(-1)).toMatchObject({ socket: 2, code: 1000 })
    transport.say(PASS)
    environment.advance(100_000)
    expect(listener.log).toEqual(['hello', 'welcomed', 'changes', 'lost', 'hello', 'late changes'])
    expect([session.send({ type: 'leave', sub: 1 }), transport.socket]).toEqual([false, 2])
    session.resume({ token: 'mine' })
    expect(transport.opened.at(-1)).toEqual({ socket: 3, credentials: 'renewed', token: 'mine' })
    welcome()
    expect(state()).toBe('connected')
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
  ])('fails on %i until it is resumed [G2]', (code, expected) => {
    const { session, transport, environment, state, cause, connect, welcome } = fixture()
    connect()
    const told: string[] = []
    session.status.subscribe(() => told.push(state()))
    transport.end(closed(code))
    expect(cause()?.code).toBe(expected)
    environment.advance(100_000)
    expect([told, transport.socket]).toEqual([['failed'], 1])
    session.resume()
    welcome()
    expect([state(), transport.socket]).toEqual(['connected', 2])
  })

  test('redials for one frame that is none, and fails on the second within a minute', () => {
    const { transport, environment, state, cause, connect, welcome } = fixture()
    connect()
    transport.say('{"type":"nonsense"}')
    expect(transport.socket).toBe(2)
    welcome()
    for (let i = 0; i < 6; i++) {
      environment.advance(9500)
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
