import type { Cancel } from '../client/environment.ts'
import type { Locks } from './tab-platform.ts'

/** `unknown` where there are no locks; it must be taken for alive. */
export type PageLife = 'alive' | 'dead' | 'unknown'

export interface PageLockOptions {
  /** Undefined where there are none. May throw, as on pages of opaque origin. */
  readonly locks: () => Locks | undefined
  /** Where an error of work goes that nobody waits for. */
  readonly reportError: (error: unknown) => void
}

/**
 * A Web Lock for as long as a page lives, under the id of its client, so that others can tell whether it does. It is kept in the
 * back/forward cache: a page that lies there may return, and where asking for its lock destroys it, that is an answer, too.
 */
export class PageLock {
  readonly #options: PageLockOptions

  constructor(options: PageLockOptions) {
    this.#options = options
  }

  /**
   * Holds the lock of `client` until it is cancelled or the page ends. `lost` is called when the platform takes it away, as WebKit does
   * in the back/forward cache: from then on others may have taken this client for dead.
   */
  hold(client: string, lost: () => void): Cancel {
    let giveBack = (): void => {}
    const kept = new Promise<void>((resolve) => {
      giveBack = resolve
    })
    const withdraw = this.#queue(client, () => kept, lost)
    return () => {
      withdraw()
      giveBack()
    }
  }

  /** By the time it is known, a page that was alive may be dead. */
  isAlive(client: string): Promise<PageLife> {
    // Shared, so that two who ask at once do not take each other for the page.
    return this.#try(client, 'shared', async () => {})
  }

  /**
   * Runs `work` if the page of `client` is dead, while nobody else does the same for it.
   * @returns `dead` when the work is done; otherwise it was not begun.
   * @throws what `work` throws.
   */
  ifDead(client: string, work: () => Promise<void>): Promise<PageLife> {
    return this.#try(client, 'exclusive', work)
  }

  /**
   * Runs `work` once, as soon as the page of `client` is dead, while nobody else does the same for it. Never, where there are no locks;
   * and in Chromium not while the page lies in the back/forward cache. Cancelling does not stop work that has begun.
   */
  whenDead(client: string, work: () => Promise<void>): Cancel {
    const { reportError } = this.#options
    const isolated = () => work().catch(reportError)
    return this.#queue(client, isolated, () => {})
  }

  async #try(client: string, mode: 'exclusive' | 'shared', work: () => Promise<void>): Promise<PageLife> {
    let begun: Promise<void> | undefined
    try {
      const locks = this.#options.locks()
      if (!locks) return 'unknown'
      return await locks.request(lockName(client), { mode, ifAvailable: true }, async (lock) => {
        if (lock === null) return 'alive'
        begun = work()
        await begun
        return 'dead'
      })
    } catch (error) {
      if (begun) throw error
      return 'unknown'
    }
  }

  /** Runs `work` with the lock when its turn comes, unless it is withdrawn before. */
  #queue(client: string, work: () => Promise<void>, lost: () => void): Cancel {
    const withdrawal = new AbortController()
    const { signal } = withdrawal
    const wait = async () => {
      let begun: Promise<void> | undefined
      try {
        await this.#options.locks()?.request(lockName(client), { signal }, async () => {
          if (signal.aborted) return
          begun = work()
          await begun
        })
      } catch {
        if (begun && !signal.aborted) lost()
      }
    }
    void wait()
    return () => withdrawal.abort()
  }
}

const lockName = (client: string): string => `durable-sync/page/${client}`
