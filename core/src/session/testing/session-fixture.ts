import type { SyncError } from '../../errors.ts'
import { ConnectionError } from '../../errors.ts'
import { FakeTransport } from '../../transport/testing/fake-transport.ts'
import type { SocketEnd } from '../../transport/transport.ts'
import type { ChangesFrame, HelloFrame, Position, ServerFrame, WelcomeFrame } from '../../wire/index.ts'
import { DEFAULT_LIMITS, PROTOCOL_VERSION } from '../../wire/index.ts'
import { Session } from '../session.ts'
import type { SessionListener } from '../session-port.ts'
import type { SessionTimings } from '../session-timings.ts'
import { FakeEnvironment } from './fake-environment.ts'

export const HELLO: HelloFrame = { type: 'hello', v: 1, client: 'c', cids: [], at: null, subs: [] }

export const WELCOME: WelcomeFrame = {
  type: 'welcome',
  v: PROTOCOL_VERSION,
  object: 'o',
  principal: 'p',
  now: 0,
  reconnectWindowMs: 1000,
  cids: [],
  subs: [],
  limits: DEFAULT_LIMITS,
}

export const PASS: ChangesFrame = {
  type: 'changes',
  from: null,
  to: '0.a.o' as Position,
  live: true,
  tables: {},
}

export const closed = (code: number, reason = ''): SocketEnd => ({ is: 'closed', code, reason })
export const unreachable: SocketEnd = { is: 'unreachable', cause: new ConnectionError('unreachable', 'no') }

/** Writes down what it is told. */
export class RecordingListener implements SessionListener {
  readonly log: string[] = []
  readonly frames: ServerFrame[] = []

  hello(): HelloFrame {
    this.log.push('hello')
    return HELLO
  }

  welcomed(): void {
    this.log.push('welcomed')
  }

  received(frame: ServerFrame): void {
    this.log.push(frame.type)
    this.frames.push(frame)
  }

  receivedLate(frame: ServerFrame): void {
    this.log.push(`late ${frame.type}`)
  }

  lost(): void {
    this.log.push('lost')
  }
}

export function fixture(timings: Partial<SessionTimings> = {}) {
  const environment = new FakeEnvironment()
  const transport = new FakeTransport()
  const listener = new RecordingListener()
  const session = new Session({ transport, listener, environment, timings })
  const state = () => session.status.get().state
  const cause = (): SyncError | undefined => {
    const status = session.status.get()
    return 'cause' in status ? status.cause : undefined
  }
  const welcome = () => {
    transport.accept()
    transport.say(WELCOME)
    transport.say(PASS)
  }
  const connect = () => {
    session.want()
    welcome()
  }
  return { environment, transport, listener, session, state, cause, welcome, connect }
}

/** Lets promises that are already settled be heard. */
export const settled = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}
