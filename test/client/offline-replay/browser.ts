import type { Environment } from '../../../core/src/client/environment.ts'
import type { Locks } from '../../../core/src/tabs/tab-platform.ts'
import { FakeLocks } from '../../../core/src/tabs/testing/fake-locks.ts'
import { CLASSES, Databases } from './indexed-db.ts'
import { type Kind, PageGate } from './page-gate.ts'

/** What has moved waits so long for more before it is kept: `room-buffer.ts`. */
const BUFFER_MS = 50
/** What is due after so long, is for somebody else to say. */
const SLOW_MS = 1000

interface Timer {
  readonly due: number
  readonly kind: Kind
  readonly gate: PageGate
  readonly run: () => void
  readonly handle: NodeJS.Timeout
}

const browsers = new WeakMap<PageGate, Browser>()

class Channel {
  onmessage: ((event: { readonly data: unknown }) => void) | null = null
  readonly #name: string
  readonly #all: Set<Channel>
  readonly #gate = PageGate.current
  readonly #listeners: ((event: { readonly data: unknown }) => void)[] = []

  constructor(name: string) {
    this.#name = name
    this.#all = Browser.current.channels
    this.#all.add(this)
    this.#gate.whenGone(() => this.close())
  }

  addEventListener(_type: 'message', listener: (event: { readonly data: unknown }) => void): void {
    this.#listeners.push(listener)
  }

  postMessage(message: unknown): void {
    const data: unknown = structuredClone(message)
    for (const other of this.#all)
      if (other !== this && other.#name === this.#name) setImmediate(() => other.#arrived(data))
  }

  close(): void {
    this.#all.delete(this)
  }

  #arrived(data: unknown): void {
    const kind = this.#name.endsWith('/purge') ? 'purge' : isRelayed(data) ? 'relayed' : 'message'
    this.#gate.pass(kind, () => {
      if (!this.#all.has(this)) return
      this.onmessage?.({ data })
      for (const listener of this.#listeners) listener({ data })
    })
  }
}

const isRelayed = (data: unknown): boolean =>
  typeof data === 'object' && data !== null && 'type' in data && data.type === 'down'

/** What the tabs of one browser share: databases, locks, channels, and the clock, each of them as a page sees it through its gate. */
export class Browser {
  readonly databases = new Databases()
  readonly #locks = new FakeLocks()
  readonly channels = new Set<Channel>()
  readonly #timers = new Set<Timer>()
  #ahead = 0
  /** The lock of the lead, once a page has asked for it. */
  #lead: string | undefined

  /** A page of this browser. */
  page(): PageGate {
    const gate = new PageGate()
    browsers.set(gate, this)
    return gate
  }

  /** In which browser this is called. */
  static get current(): Browser {
    const browser = browsers.get(PageGate.current)
    if (!browser) throw new Error('no browser does this')
    return browser
  }

  /** The lead is taken from who has it, by force. */
  takeLead(): void {
    if (this.#lead !== undefined) this.#locks.revoke(this.#lead)
  }

  now(): number {
    return Date.now() + this.#ahead
  }

  after(gate: PageGate, ms: number, run: () => void): () => void {
    const kind = ms === BUFFER_MS ? 'buffer' : ms >= SLOW_MS ? 'slow' : 'timer'
    const handle = setTimeout(() => this.#fire(timer), Math.min(ms, 2 ** 31 - 1))
    const timer: Timer = { due: this.now() + ms, kind, gate, run, handle }
    this.#timers.add(timer)
    gate.whenGone(() => this.#cancel(timer))
    return () => this.#cancel(timer)
  }

  /** Time passes for all pages at once. */
  pass(ms: number): void {
    this.#ahead += ms
    const now = this.now()
    const due = [...this.#timers].filter((timer) => timer.due <= now)
    for (const timer of due.sort((a, b) => a.due - b.due)) if (this.#timers.has(timer)) this.#fire(timer)
  }

  #cancel(timer: Timer): void {
    this.#timers.delete(timer)
    clearTimeout(timer.handle)
  }

  #fire(timer: Timer): void {
    this.#cancel(timer)
    let isOver = false
    timer.gate.pass(timer.kind, () => {
      if (!isOver) timer.run()
      isOver = true
    })
  }

  readonly locks: Locks = { request: (name, options, run) => this.#request(name, options, run) }

  readonly #request: Locks['request'] = (name, options, run) => {
    const gate = PageGate.current
    this.#lead = name
    return new Promise((resolve, reject) => {
      const held = (lock: object | null) =>
        new Promise<void>((giveBack) => {
          gate.whenGone(giveBack)
          gate.pass('granted', () => {
            run(lock).then((value) => {
              giveBack()
              resolve(value)
            }, reject)
          })
        })
      this.#locks
        .request(name, options, held)
        .catch((error: unknown) => gate.pass('lost', () => reject(error)))
    })
  }

  /** The platform as one page has it. */
  environment(gate: PageGate, reportError: (error: unknown) => void): Environment {
    const after = (ms: number, run: () => void) => this.after(gate, ms, run)
    return {
      place: 'page',
      now: () => this.now(),
      after,
      afterInBackground: after,
      // No test waits for a delay that was spread.
      random: () => 0.001,
      randomId: () => crypto.randomUUID(),
      fetch: async () => ({ status: 426 }),
      webSocket: () => undefined,
      reportError,
      online: () => true,
      location: () => undefined,
      storageManager: () => undefined,
      window: undefined,
      document: { visibilityState: 'visible', addEventListener: () => {}, removeEventListener: () => {} },
    }
  }
}

/** What the platform calls all this. Each page finds its own browser behind it. */
export const PLATFORM: Readonly<Record<string, unknown>> = {
  ...CLASSES,
  BroadcastChannel: Channel,
  indexedDB: {
    open: (name: string) => Browser.current.databases.open(name),
    deleteDatabase: (name: string) => Browser.current.databases.deleteDatabase(name),
  },
  navigator: {
    get locks() {
      return Browser.current.locks
    },
  },
  requestIdleCallback: (task: () => void) => {
    const gate = PageGate.current
    setImmediate(() => gate.pass('idle', task))
  },
}
