import { ProtocolError } from '../errors.ts'
import type { SubsetRequest } from './expression-like.ts'
import type { Demand } from './subset-demand.ts'

/** What whoever waits for a collection of a closed client is told. */
export const clientClosed = (): ProtocolError => new ProtocolError('client-closed', 'The client is closed')

/** One request and its promise. It settles once; what comes later is ignored. */
export class SubsetLoad {
  readonly request: SubsetRequest
  demand: Demand
  readonly promise: Promise<void>
  /** Calls what it was given when the request is aborted before it has settled. */
  readonly #abort: () => void
  /** `due`: its rows have been handed on, and it settles when they are visible. */
  #phase: 'waiting' | 'due' | 'settled' = 'waiting'
  #resolve: () => void = () => {}
  #reject: (error: unknown) => void = () => {}

  constructor(request: SubsetRequest, demand: Demand, aborted: () => void) {
    this.request = request
    this.demand = demand
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.#abort = () => {
      this.reject(request.signal?.reason)
      aborted()
    }
    request.signal?.addEventListener('abort', this.#abort, { once: true })
  }

  get isSettled(): boolean {
    return this.#phase === 'settled'
  }

  /** Nothing has been heard of its rows yet. */
  get isWaiting(): boolean {
    return this.#phase === 'waiting'
  }

  /** Its rows become visible with `receipt`. What is handed on after them does not hold it up. */
  resolveAfter(receipt: Promise<unknown>): void {
    this.#phase = 'due'
    void receipt.then(() => this.resolve())
  }

  resolve(): void {
    this.#settle()
    this.#resolve()
  }

  /** The client is closed; where it has settled that changes nothing. */
  rejectClosed(): void {
    if (!this.isSettled) this.reject(clientClosed())
  }

  reject(error: unknown): void {
    this.#settle()
    this.#reject(error)
  }

  #settle(): void {
    this.#phase = 'settled'
    this.request.signal?.removeEventListener('abort', this.#abort)
  }
}
