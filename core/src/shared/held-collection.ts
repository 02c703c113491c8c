import type { Cancel } from '../client/environment.ts'

/** What is used of a TanStack transaction. */
interface ShownTransaction {
  readonly state: string
  readonly isPersisted: { readonly promise: Promise<unknown> }
}

/** What is used of a TanStack collection, in every supported version. */
export interface Shareable {
  /** Live queries, and whoever else listens. */
  readonly subscriberCount: number
  readonly on: (event: 'subscribers:change', callback: () => void) => () => void
  readonly cleanup: () => Promise<void>
  /** Open to TanStack's own packages only. Nothing else tells of a transaction that the application has not committed yet. */
  readonly _state?: { readonly transactions: { readonly values: () => Iterable<ShownTransaction> } }
}

/** A collection that several components share. */
export interface SharedCollection<C> {
  /** Of the collection, and of no other one in this page. */
  readonly id: string
  readonly collection: C
  /** Keeps it; what is returned lets go and may be called twice. */
  readonly retain: () => () => void
}

/** How long nobody has to want a collection before it is cleaned up: a change of route takes no longer. */
export const GRACE_MS = 5_000

export interface HeldCollectionOptions<C extends Shareable> {
  readonly id: string
  readonly collection: C
  readonly later: (task: () => void, ms: number) => Cancel
  /** Whether TanStack DB may show writes in it that are not settled. */
  readonly isWritten: () => boolean
  readonly whenWritesChange: (onChange: () => void) => Cancel
  /** Somebody wants it who got it before it ended. */
  readonly returned: () => void
  readonly ended: () => void
  readonly report: (error: unknown) => void
}

/**
 * A collection as long as somebody wants it: who retains it, a live query over it (in Vue, Solid and Svelte one outlives its component by
 * seconds), a write in it that is not settled or not even committed, which a clean-up would take off the screen. Then it is left alone for the grace, and if still
 * nobody wants it, it is cleaned up. One that was made and never retained, by a render that was thrown away, ends like that too.
 */
export class HeldCollection<C extends Shareable> implements SharedCollection<C> {
  readonly id: string
  readonly collection: C
  readonly #options: HeldCollectionOptions<C>
  readonly #holders = new Set<object>()
  #stopWaiting: Cancel = () => {}
  #phase: 'here' | 'ended' = 'here'

  constructor(options: HeldCollectionOptions<C>) {
    this.#options = options
    this.id = options.id
    this.collection = options.collection
  }

  readonly retain = (): (() => void) => {
    const holder = {}
    this.#holders.add(holder)
    this.stop()
    if (this.#phase === 'ended') {
      this.#phase = 'here'
      this.#options.returned()
    }
    return () => {
      if (this.#holders.delete(holder) && this.#holders.size === 0) this.rest()
    }
  }

  /** Nobody retains it: the grace begins. */
  rest(): void {
    this.stop()
    this.#stopWaiting = this.#options.later(() => this.#due(), GRACE_MS)
  }

  /** Nothing is waited for. */
  stop(): void {
    this.#stopWaiting()
    this.#stopWaiting = () => {}
  }

  #due(): void {
    if (this.#isWanted()) this.#restWhenUnwanted()
    else this.#end()
  }

  #isWanted(): boolean {
    return this.collection.subscriberCount > 0 || this.#options.isWritten() || this.#transactions().length > 0
  }

  /** Those that TanStack DB shows, and that may still come to nothing. */
  #transactions(): ShownTransaction[] {
    const shown = this.collection._state?.transactions.values() ?? []
    return [...shown].filter(({ state }) => state === 'pending' || state === 'persisting')
  }

  #restWhenUnwanted(): void {
    const awaited = new Set<ShownTransaction>()
    let waiting = true
    const settled = () => {
      // Others may have begun meanwhile.
      if (waiting) this.rest()
    }
    const check = () => {
      if (!this.#isWanted()) this.rest()
      else
        for (const transaction of this.#transactions()) {
          if (awaited.has(transaction)) continue
          awaited.add(transaction)
          transaction.isPersisted.promise.then(settled, settled)
        }
    }
    const cancel = [this.collection.on('subscribers:change', check), this.#options.whenWritesChange(check)]
    this.#stopWaiting = () => {
      waiting = false
      for (const each of cancel) each()
    }
    check()
  }

  #end(): void {
    this.#phase = 'ended'
    this.#options.ended()
    this.collection.cleanup().catch(this.#options.report)
  }
}
