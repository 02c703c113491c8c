import type { LineSwitch } from '../line/line-switch.ts'
import { DelayLine } from './delay-line.ts'
import type { TrafficCounter } from './traffic.ts'

/** Closed without a word, as by a network that is gone. */
const GONE = 1006

/**
 * The browser's socket with a line in it that can be switched off, cut and made slow, and that counts what passes. The client sees what
 * it sees of a real outage.
 * @returns a class, for the option `WebSocket` of `createSync`.
 */
export function labSocket(line: LineSwitch, traffic: TrafficCounter) {
  return class LabSocket extends WebSocket {
    readonly #in = new DelayLine(() => line.get().delayMs)
    readonly #out = new DelayLine(() => line.get().delayMs)
    readonly #cuts = line.get().cuts
    readonly #unsubscribe: () => void
    /** Events that have come through the line. */
    readonly #passed = new WeakSet<Event>()
    #is: 'whole' | 'gone' = 'whole'

    constructor(url: string) {
      if (line.get().is === 'off') throw new Error('The line is switched off')
      super(url)
      this.#unsubscribe = line.subscribe(() => this.#changed())
      // They hear everything first, since they are here first.
      this.addEventListener('open', (event) => this.#arrive(event, () => new Event('open')))
      this.addEventListener('message', (event) => {
        if (this.#arrive(event, () => new MessageEvent('message', { data: event.data })))
          traffic.count('in', String(event.data))
      })
      this.addEventListener('close', (event) => {
        const { code, reason, wasClean } = event
        this.#arrive(event, () => new CloseEvent('close', { code, reason, wasClean }))
      })
    }

    override send(data: string): void {
      traffic.count('out', data)
      this.#out.pass(() => {
        if (this.readyState === WebSocket.OPEN) super.send(data)
      })
    }

    override close(code?: number, reason?: string): void {
      this.#out.pass(() => super.close(code, reason))
    }

    /** Stops what comes from the network, and lets it through when its time has come. Says whether it came from there. */
    #arrive(event: Event, copy: () => Event): boolean {
      if (this.#passed.has(event)) return false
      event.stopImmediatePropagation()
      if (this.#is === 'whole') this.#in.pass(() => this.#deliver(copy()))
      return true
    }

    #deliver(event: Event): void {
      this.#passed.add(event)
      if (event.type === 'close') this.#end()
      this.dispatchEvent(event)
    }

    #end(): void {
      this.#is = 'gone'
      this.#unsubscribe()
      this.#in.drop()
    }

    #changed(): void {
      const { is, cuts } = line.get()
      if (this.#is === 'gone' || (is === 'on' && cuts === this.#cuts)) return
      this.#deliver(new CloseEvent('close', { code: GONE }))
      // What is under way is not sent any more: the socket is closing.
      super.close()
    }
  }
}
