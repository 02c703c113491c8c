import type { Cancel, Environment, SignalTarget, WebSocketConstructor } from '../../client/environment.ts'

interface Timer {
  readonly at: number
  readonly run: () => void
}

class FakeTarget implements SignalTarget {
  readonly listeners = new Set<{ readonly type: string; readonly listener: () => void }>()

  addEventListener(type: string, listener: () => void): void {
    this.listeners.add({ type, listener })
  }

  removeEventListener(type: string, listener: () => void): void {
    for (const entry of this.listeners) {
      if (entry.type === type && entry.listener === listener) this.listeners.delete(entry)
    }
  }

  fire(type: string): void {
    for (const entry of [...this.listeners]) if (entry.type === type) entry.listener()
  }
}

class FakeDocument extends FakeTarget {
  visibilityState = 'visible'
}

/** A world for tests: time stands still until it is advanced, and chance is a number. */
export class FakeEnvironment implements Environment {
  readonly place = 'page'
  readonly window = new FakeTarget()
  readonly document = new FakeDocument()
  readonly errors: unknown[] = []
  readonly fetched: string[] = []
  /** What `fetch` answers; a text is an error. */
  fetchStatus: number | string = 426
  network: 'online' | 'offline' = 'online'
  chance = 0.5
  address: string | undefined
  socketClass: WebSocketConstructor | undefined
  readonly #timers = new Set<Timer>()
  #now = 1_000_000
  #ids = 0

  readonly now = (): number => this.#now
  readonly random = (): number => this.chance
  readonly randomId = (): string => `id-${++this.#ids}`
  readonly online = (): boolean => this.network === 'online'
  readonly location = (): string | undefined => this.address
  readonly webSocket = (): WebSocketConstructor | undefined => this.socketClass
  readonly storageManager = (): undefined => undefined
  readonly reportError = (error: unknown): void => void this.errors.push(error)
  readonly after = (ms: number, run: () => void): Cancel => {
    const timer = { at: this.#now + ms, run }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }
  readonly afterInBackground = (ms: number, run: () => void): Cancel => this.after(ms, run)
  readonly fetch = async (url: string): Promise<{ readonly status: number }> => {
    this.fetched.push(url)
    if (typeof this.fetchStatus === 'string') throw new Error(this.fetchStatus)
    return { status: this.fetchStatus }
  }

  get timers(): number {
    return this.#timers.size
  }

  get listeners(): number {
    return this.window.listeners.size + this.document.listeners.size
  }

  /** Lets `ms` milliseconds pass and runs what falls due, in order. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#now = Math.max(this.#now, next.at)
      this.#timers.delete(next)
      next.run()
    }
    this.#now = end
  }

  /** Lets `ms` milliseconds pass and runs no timer, not even late. */
  skip(ms: number): void {
    this.#now += ms
  }

  /** Lets `ms` milliseconds pass in which no timer runs, as in a sleeping machine; what fell due runs late. */
  sleep(ms: number): void {
    this.#now += ms
    this.advance(0)
  }

  #next(end: number): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.#timers) if (timer.at <= end && (!first || timer.at < first.at)) first = timer
    return first
  }
}
