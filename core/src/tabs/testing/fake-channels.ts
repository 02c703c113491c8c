import type { PlatformChannel } from '../tab-platform.ts'

type Listener = (event: { readonly data: unknown }) => void

/** The channels of a browser. Messages are copied, and arrive a microtask later, in order. */
export class FakeChannels {
  readonly #open = new Set<FakeChannel>()

  /** Channels that are open. */
  get count(): number {
    return this.#open.size
  }

  open(name: string): FakeChannel {
    const channel = new FakeChannel(name, this.#open)
    this.#open.add(channel)
    return channel
  }
}

class FakeChannel implements PlatformChannel {
  /** What happens to messages that arrive. */
  arrival: 'heard' | 'lost' = 'heard'
  readonly posted: unknown[] = []
  readonly #name: string
  readonly #all: Set<FakeChannel>
  readonly #listeners: Listener[] = []

  constructor(name: string, all: Set<FakeChannel>) {
    this.#name = name
    this.#all = all
  }

  postMessage(message: unknown): void {
    if (!this.#all.has(this)) throw new DOMException('closed', 'InvalidStateError')
    const data: unknown = structuredClone(message)
    this.posted.push(data)
    for (const other of this.#all) {
      if (other !== this && other.#name === this.#name) queueMicrotask(() => other.#hear(data))
    }
  }

  addEventListener(_type: 'message', listener: Listener): void {
    this.#listeners.push(listener)
  }

  close(): void {
    this.#all.delete(this)
  }

  #hear(data: unknown): void {
    if (!this.#all.has(this) || this.arrival === 'lost') return
    for (const listener of this.#listeners) listener({ data })
  }
}

export type { FakeChannel }
