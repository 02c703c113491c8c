import type { SyncError } from '../errors.ts'
import type { StoredShape } from '../persistence/room-storage.ts'
import { type CollectionSyncState, IDLE, LOADING } from '../status/collection-sync-state.ts'
import { implies } from '../wire/implied-predicate.ts'
import type { SubsetRequest } from './expression-like.ts'
import { reportRefusal } from './refusal-report.ts'
import { type Demand, demandOf } from './subset-demand.ts'
import { clientClosed, SubsetLoad } from './subset-load.ts'
import type { SubsetManager } from './subset-manager.ts'
import { specOf } from './subset-spec.ts'
import type { RequestSurroundings } from './subset-surroundings.ts'
import { SUBSETS } from './subsets-part.ts'

/**
 * What live queries ask an on-demand collection for. The manager of its subsets is loaded by itself; until it is there requests wait for it, and rows
 * that came with the page are shown.
 */
export class SubsetRequests {
  readonly #around: RequestSurroundings
  readonly #loads = new Map<SubsetRequest, SubsetLoad>()
  #manager: SubsetManager | undefined
  #phase: 'open' | 'client-closed' | 'ended' = 'open'
  /** What came with the page, and who waits for what the server says of it. */
  readonly #shown = new Map<SubsetLoad, StoredShape>()
  readonly #since: number
  /** Why the manager is not there yet, as far as that is known. */
  #failure: SyncError | undefined

  constructor(around: RequestSurroundings) {
    this.#around = around
    this.#since = around.host.now()
    // Nothing would come of it there.
    if (around.host.place === 'server') return
    SUBSETS.whenThere(
      ({ SubsetManager }) => this.#manage(new SubsetManager({ ...around, loads: this.#loads })),
      {
        later: around.host.later,
        failed: (error) => this.#failed(error),
        wants: () => this.#phase === 'open',
      },
    )
  }

  /** `true` when the rows are there. Otherwise settles when they are visible, or nobody wants them any more; rejects when they are refused. */
  load(request: SubsetRequest): true | Promise<void> {
    const known = this.#loads.get(request)
    if (known) return known.isSettled ? true : known.promise
    if (request.signal?.aborted) return Promise.reject(request.signal.reason)
    const { where, host, table } = this.#around
    let demand: Demand
    try {
      demand = demandOf(request, where)
    } catch (error) {
      reportRefusal(host, table, error)
      return Promise.reject(error)
    }
    if (demand.where.op === 'never') return true
    const load = new SubsetLoad(request, demand, () => this.unload(request))
    this.#loads.set(request, load)
    return this.#manager?.take(load) ?? this.#early(load)
  }

  /** The request is not wanted any more. Idempotent. */
  unload(request: SubsetRequest): void {
    const load = this.#loads.get(request)
    if (!load) return
    this.#loads.delete(request)
    if (!load.isSettled) load.resolve()
    this.#manager?.drop(load)
    this.#tellEarly()
  }

  /** The client is closed: nothing more will come. */
  close(): void {
    if (this.#manager || this.#phase === 'ended') return
    this.#phase = 'client-closed'
    if (this.#loads.size > 0) this.#around.tell({ phase: 'error', error: clientClosed() })
    for (const load of this.#loads.values()) load.rejectClosed()
  }

  /** The collection is cleaned up: nothing is written into it any more. */
  end(): void {
    this.#phase = 'ended'
    this.#manager?.end()
    for (const load of this.#loads.values()) if (!load.isSettled) load.resolve()
    this.#loads.clear()
    this.#around.tell(IDLE)
  }

  #manage(manager: SubsetManager): void {
    this.#manager = manager
    for (const load of [...this.#loads.values()]) void manager.take(load)
  }

  #early(load: SubsetLoad): true | Promise<void> {
    const given = this.#givenFor(load.demand)
    if (given) this.#show(load, given)
    // Whoever asked hears of it.
    else load.promise.catch(() => {})
    if (this.#phase === 'client-closed') queueMicrotask(() => load.rejectClosed())
    this.#tellEarly()
    return given ? true : load.promise
  }

  /** Of rows that came with the page, those that the server does not have leave when it has answered, or when nobody asks for them. */
  #show(load: SubsetLoad, given: StoredShape): void {
    const hide = this.#around.page.show(given)
    this.#shown.set(load, given)
    const leave = () => {
      this.#shown.delete(load)
      hide()
    }
    load.promise.then(leave, leave)
  }

  #givenFor(demand: Demand): StoredShape | undefined {
    const { host, table } = this.#around
    const given = host.given(specOf(table, demand))
    if (given) return given
    for (const [load, shape] of this.#shown) if (covers(load.demand, demand)) return shape
    return undefined
  }

  #failed(error: SyncError): void {
    if (!this.#failure) this.#around.host.report(error)
    this.#failure = error
    this.#tellEarly()
  }

  #tellEarly(): void {
    if (this.#manager || this.#phase !== 'open') return
    this.#around.tell(this.#loads.size > 0 ? this.#state() : IDLE)
  }

  #state(): CollectionSyncState {
    if (this.#failure) return { phase: 'error', error: this.#failure }
    for (const load of this.#loads.values()) if (!this.#shown.has(load)) return LOADING
    return { phase: 'stale', since: this.#since }
  }
}

/** Whether all rows of the second are shown with the first. */
function covers(shown: Demand, { where, order, total, owner }: Demand): boolean {
  if (!shown.order) return implies(where, shown.where)
  // Who has a window asks for the ties at its end, too.
  if (!order) return owner !== undefined && owner === shown.owner
  return JSON.stringify([where, order]) === JSON.stringify([shown.where, shown.order]) && total <= shown.total
}
