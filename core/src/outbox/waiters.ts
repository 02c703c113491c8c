import { UNPLACED } from './entry.ts'
import { failureError, type WriteResult } from './write-result.ts'
import type { Written } from './written.ts'

interface Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (error: unknown) => void
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  // Who asks only whether it is kept must not hear of the rest as an error that nobody handles.
  promise.catch(() => {})
  return { promise, resolve, reject }
}

/** Whoever made a write in this page, and waits to hear of it. */
export class Waiters {
  readonly #stored = new Map<string, Deferred<number>>()
  readonly #confirmed = new Map<string, Deferred<unknown>>()

  add(id: string): Written {
    const stored = deferred<number>()
    const confirmed = deferred<unknown>()
    this.#stored.set(id, stored)
    this.#confirmed.set(id, confirmed)
    return { id, stored: stored.promise, confirmed: confirmed.promise }
  }

  /** Whether the write is kept, or that is not known yet; undefined when it is not this page's or long known. */
  stored(id: string): Promise<number> | undefined {
    return this.#stored.get(id)?.promise
  }

  kept(id: string, ord: number): void {
    this.#stored.get(id)?.resolve(ord)
    this.#stored.delete(id)
  }

  settle(id: string, result: WriteResult): void {
    const stored = this.#stored.get(id)
    const confirmed = this.#confirmed.get(id)
    this.#stored.delete(id)
    this.#confirmed.delete(id)
    if (result.is === 'confirmed') {
      stored?.resolve(UNPLACED)
      confirmed?.resolve(result.result)
      return
    }
    const error = failureError(result)
    stored?.reject(error)
    confirmed?.reject(error)
  }
}
