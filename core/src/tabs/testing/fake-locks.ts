import type { Locks } from '../tab-platform.ts'

interface Request {
  readonly name: string
  readonly run: (lock: object | null) => Promise<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

const abortError = (): DOMException => new DOMException('made to end', 'AbortError')

/** The Web Locks of a browser: exclusive ones only, granted a microtask after they are free. */
export class FakeLocks implements Locks {
  readonly #held = new Map<string, Request>()
  #queue: readonly Request[] = []
  /** Every request is refused with it. */
  refusal: Error | undefined

  /** Who holds `name` or waits for it. */
  count(name: string): { readonly held: number; readonly queued: number } {
    return {
      held: this.#held.has(name) ? 1 : 0,
      queued: this.#queue.filter((each) => each.name === name).length,
    }
  }

  request<T>(
    name: string,
    { signal, steal, ifAvailable }: Parameters<Locks['request']>[1],
    run: (lock: object | null) => Promise<T>,
  ): Promise<T> {
    const refusal = this.refusal
    if (refusal) return Promise.reject(refusal)
    return new Promise<T>((resolve, reject) => {
      const request: Request = { name, run, resolve: resolve as (value: unknown) => void, reject }
      if (ifAvailable && (this.#held.has(name) || this.count(name).queued > 0)) {
        resolve(run(null))
        return
      }
      signal?.addEventListener('abort', () => {
        if (!this.#queue.includes(request)) return
        this.#queue = this.#queue.filter((each) => each !== request)
        reject(signal.reason)
      })
      if (steal) this.revoke(name)
      this.#queue = steal ? [request, ...this.#queue] : [...this.#queue, request]
      queueMicrotask(() => this.#grant(name))
    })
  }

  /** Takes the lock from its holder, who hears of it. */
  revoke(name: string): void {
    const holder = this.#held.get(name)
    this.#held.delete(name)
    holder?.reject(abortError())
    queueMicrotask(() => this.#grant(name))
  }

  #grant(name: string): void {
    const next = this.#queue.find((each) => each.name === name)
    if (!next || this.#held.has(name)) return
    this.#queue = this.#queue.filter((each) => each !== next)
    this.#held.set(name, next)
    const end = () => {
      if (this.#held.get(name) !== next) return
      this.#held.delete(name)
      queueMicrotask(() => this.#grant(name))
    }
    next.run({}).then(
      (value) => {
        next.resolve(value)
        end()
      },
      (error) => {
        next.reject(error)
        end()
      },
    )
  }
}
