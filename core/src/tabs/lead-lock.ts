import type { Locks } from './tab-platform.ts'

export interface LeadLockListener {
  readonly granted: (request: number) => void
  /** Somebody stole it, or the platform took it away. */
  readonly lost: (request: number) => void
  /** The platform refuses to give locks. */
  readonly failed: (request: number) => void
}

/** The requests for one Web Lock, by number. Nothing is told of a request after its release, and a lock that comes late goes back at once. */
export class LeadLock {
  readonly #locks: Locks
  readonly #name: string
  readonly #listener: LeadLockListener
  readonly #releases = new Map<number, () => void>()

  constructor(locks: Locks, name: string, listener: LeadLockListener) {
    this.#locks = locks
    this.#name = name
    this.#listener = listener
  }

  request(request: number, how: 'queue' | 'steal'): void {
    const withdrawal = new AbortController()
    let giveBack = (): void => {}
    const kept = new Promise<void>((resolve) => {
      giveBack = resolve
    })
    this.#releases.set(request, () => {
      withdrawal.abort()
      giveBack()
    })
    void this.#wait(request, how === 'steal' ? { steal: true } : { signal: withdrawal.signal }, kept)
  }

  release(request: number): void {
    const release = this.#releases.get(request)
    this.#releases.delete(request)
    release?.()
  }

  async #wait(request: number, options: Parameters<Locks['request']>[1], kept: Promise<void>): Promise<void> {
    let end: 'failed' | 'lost' = 'failed'
    try {
      await this.#locks.request(this.#name, options, async () => {
        if (!this.#releases.has(request)) return
        end = 'lost'
        this.#listener.granted(request)
        await kept
      })
    } catch {
      if (this.#releases.delete(request)) this.#listener[end](request)
    }
  }
}
