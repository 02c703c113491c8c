import { ProtocolError, type SyncError } from '../errors.ts'
import { type CollectionSyncState, IDLE, LOADING } from '../status/collection-sync-state.ts'
import type { RowGroup, RowPart, RowSink, WindowMeasure } from '../stream/row-commit.ts'
import type { Subscribed } from '../stream/stream.ts'
import { ALWAYS, bothOf, canonical, type Predicate } from '../wire/index.ts'
import type { CollectionFeed } from './collection-feed.ts'
import type { SubsetRequest } from './expression-like.ts'
import type { HeldSubset } from './held-subset.ts'
import type { CollectionHost } from './mount-collection.ts'
import { orderFromExpression } from './order-from-expression.ts'
import { predicateFromExpression } from './predicate-from-expression.ts'
import { SubsetLoad } from './subset-load.ts'
import { type Demand, type SubsetShape, shapeName, subsetFor, wantedOf } from './subset-plan.ts'
import { worstOf } from './worst-state.ts'

interface OpenSubset {
  readonly name: string
  readonly shape: SubsetShape
  readonly loads: Set<SubsetLoad>
  readonly sink: RowSink
  readonly held: HeldSubset
  subscribed: Subscribed | undefined
  state: CollectionSyncState
}

export interface SubsetSurroundings {
  readonly host: CollectionHost
  readonly table: string
  /** What every subset of the collection is within. */
  readonly where: Predicate | undefined
  readonly feed: Pick<CollectionFeed<never>, 'add' | 'release' | 'apply'>
  /** Settles when everything handed on is visible; undefined when it is. */
  readonly receipt: () => Promise<unknown> | undefined
  readonly tell: (state: CollectionSyncState) => void
  /** An ordered window is asked for. */
  readonly ordered: (column: string) => void
}

/**
 * The subsets of an on-demand collection: requests of live queries become demands, demands share subscriptions, and a subscription lives as
 * long as a demand needs it.
 */
export class SubsetManager implements RowGroup {
  readonly #around: SubsetSurroundings
  readonly #open = new Map<string, OpenSubset>()
  readonly #loads = new Map<SubsetRequest, SubsetLoad>()
  /** Orders that the server could not give as the application sees them. */
  readonly #refusedOrders = new Set<string>()
  #phase: 'open' | 'client-closed' | 'ended' = 'open'
  #sweep: 'none' | 'due' = 'none'

  constructor(around: SubsetSurroundings) {
    this.#around = around
  }

  /** `true` when the rows are there. Otherwise settles when they are visible, or nobody wants them any more; rejects when they are refused. */
  load(request: SubsetRequest): true | Promise<void> {
    const known = this.#loads.get(request)
    if (known) return known.isSettled ? true : known.promise
    if (request.signal?.aborted) return Promise.reject(request.signal.reason)
    let demand: Demand
    try {
      demand = this.#demandOf(request)
    } catch (error) {
      return Promise.reject(error)
    }
    if (demand.where.op === 'never') return true
    const load = new SubsetLoad(request, demand, () => this.unload(request))
    load.promise.then(this.#sweepLater, this.#sweepLater)
    this.#loads.set(request, load)
    const subset = this.#attach(load)
    if (subset.state.phase === 'error') {
      // Its rows were shown and are not served any more: for a new request that is a refusal.
      load.reject(subset.state.error)
      this.unload(request)
      return load.promise
    }
    this.#settle(subset)
    if (load.isSettled) return true
    if (this.#phase === 'client-closed') queueMicrotask(() => load.reject(clientClosed()))
    return load.promise
  }

  /** The request is not wanted any more. Idempotent. */
  unload(request: SubsetRequest): void {
    const load = this.#loads.get(request)
    if (!load) return
    this.#loads.delete(request)
    for (const { loads } of this.#open.values()) loads.delete(load)
    if (!load.isSettled) load.resolve()
    this.#sweepLater()
  }

  apply(parts: readonly RowPart[]): readonly (WindowMeasure | null)[] {
    const measures = this.#around.feed.apply(parts)
    for (const subset of this.#open.values()) this.#settle(subset)
    if (this.#unused.length > 0) this.#sweepLater()
    return measures
  }

  /** The collection is cleaned up: nothing is written into it any more. */
  end(): void {
    this.#phase = 'ended'
    for (const { subscribed } of this.#open.values()) subscribed?.end()
    this.#open.clear()
    for (const load of this.#loads.values()) if (!load.isSettled) load.resolve()
    this.#loads.clear()
    this.#around.tell(IDLE)
  }

  /** @throws ProtocolError `predicate-unsupported` */
  #demandOf({ where, orderBy, limit, offset, subscription }: SubsetRequest): Demand {
    const asked = where ? canonical(predicateFromExpression(where)) : ALWAYS
    const both = this.#around.where ? bothOf(this.#around.where, asked) : asked
    const terms = orderBy && limit !== undefined ? orderFromExpression(orderBy) : undefined
    const order = terms && !this.#refusedOrders.has(JSON.stringify(terms)) ? terms : undefined
    if (order?.[0]) this.#around.ordered(order[0].column)
    return { where: both, order, total: (offset ?? 0) + (limit ?? 0), owner: subscription }
  }

  /** `but`: a subscription that will not be there for long. */
  #attach(load: SubsetLoad, but?: OpenSubset): OpenSubset {
    const open = [...this.#open].filter(([, subset]) => subset !== but)
    const plan = new Map(open.map(([name, { shape, loads }]) => [name, plannedOf(shape, loads)]))
    const name = subsetFor(load.demand, plan)
    const found = this.#open.get(name)
    const subset = found ?? this.#opened(name, load.demand)
    subset.loads.add(load)
    if (found) this.#resize(subset)
    return subset
  }

  #opened(name: string, { where, order, total }: Demand): OpenSubset {
    const sink: RowSink = {
      group: this,
      ready: () => {},
      // The stream may be in the middle of mounting it.
      refuse: (error) => queueMicrotask(() => this.#refused(subset, error)),
      state: (state) => {
        subset.state = state
        this.#tell()
      },
      closed: () => this.#clientClosed(),
    }
    const { feed, host, table } = this.#around
    const held = feed.add(sink, where.op === 'always' ? undefined : where, order)
    const shape = { where, order }
    const subset: OpenSubset = {
      name,
      shape,
      loads: new Set(),
      sink,
      held,
      subscribed: undefined,
      state: LOADING,
    }
    this.#open.set(name, subset)
    subset.subscribed = host.mount(
      {
        collection: table,
        ...(where.op === 'always' ? {} : { where }),
        ...(order ? { window: { order, limit: total } } : {}),
      },
      sink,
    )
    this.#tell()
    return subset
  }

  #resize({ shape, loads, subscribed }: OpenSubset): void {
    const wanted = wantedOf([...loads].map(({ demand }) => demand))
    // While only the ties of a window are wanted, it stays as it is.
    if (shape.order && wanted > 0) subscribed?.resize(wanted)
  }

  /** Settles the loads of the subset whose rows have been handed on. */
  #settle({ loads, held }: OpenSubset): void {
    for (const load of loads) {
      if (!load.isWaiting || !held.covers(load.demand.total)) continue
      const receipt = this.#around.receipt()
      if (receipt) load.resolveAfter(receipt)
      else load.resolve()
    }
  }

  /** Only its own demands fail with it: what merely used it gets a subscription of its own. */
  #refused(subset: OpenSubset, error: SyncError): void {
    const { name, shape, loads, sink, subscribed } = subset
    if (this.#open.get(name) !== subset) return
    this.#open.delete(name)
    subscribed?.end()
    this.#around.feed.release([sink])
    const unordered = shape.order && error.code === 'order-unsupported'
    if (unordered) this.#refusedOrders.add(JSON.stringify(shape.order))
    for (const load of loads) {
      const isOwn = shapeName(load.demand) === name
      if (isOwn && !unordered) {
        this.#loads.delete(load.request)
        load.reject(error)
        continue
      }
      if (isOwn) load.demand = { ...load.demand, order: undefined }
      this.#settle(this.#attach(load))
    }
    this.#tell()
  }

  get #unused(): OpenSubset[] {
    return [...this.#open.values()].filter(({ loads }) => loads.size === 0)
  }

  readonly #sweepLater = (): void => {
    if (this.#sweep === 'due') return
    this.#sweep = 'due'
    queueMicrotask(() => {
      this.#sweep = 'none'
      if (this.#phase !== 'ended') this.#sweepNow()
    })
  }

  /**
   * Ends the subscriptions that nobody needs; their rows leave in one commit. Rows that are shown stay until everything that is asked for is
   * there: a live query that has just begun over them would take their leaving for a change of its window, and ask for the whole filter.
   */
  #sweepNow(): void {
    for (const subset of this.#open.values()) this.#moveOut(subset)
    const isCalm = [...this.#loads.values()].every(({ isSettled }) => isSettled) && this.#isServed
    const unused = this.#unused.filter(({ held }) => isCalm || held.size === 0)
    for (const { name, subscribed } of unused) {
      this.#open.delete(name)
      subscribed?.end()
    }
    this.#around.feed.release(unused.map(({ sink }) => sink))
    for (const subset of this.#open.values()) this.#resize(subset)
    this.#tell()
  }

  /** Everything that is wanted is held, or will not be served. */
  get #isServed(): boolean {
    return [...this.#open.values()].every(
      ({ loads, held, state }) =>
        state.phase === 'error' || [...loads].every(({ demand }) => held.covers(demand.total)),
    )
  }

  /** What merely used a subscription gets one of its own when nobody wants the whole of it any more. */
  #moveOut(subset: OpenSubset): void {
    const { name, shape, loads } = subset
    if (shape.order || loads.size === 0) return
    for (const { demand } of loads) if (shapeName(demand) === name) return
    // Windows first: the ties at their ends are asked for with them.
    const moving = [...loads].sort((a, b) => Number(!a.demand.order) - Number(!b.demand.order))
    loads.clear()
    for (const load of moving) this.#settle(this.#attach(load, subset))
  }

  #clientClosed(): void {
    this.#phase = 'client-closed'
    for (const load of this.#loads.values()) if (!load.isSettled) load.reject(clientClosed())
  }

  #tell(): void {
    if (this.#phase !== 'ended')
      this.#around.tell(worstOf([...this.#open.values()].map(({ state }) => state)))
  }
}

const plannedOf = (shape: SubsetShape, loads: ReadonlySet<SubsetLoad>) => ({
  shape,
  demands: [...loads].map(({ demand }) => demand),
})

const clientClosed = () => new ProtocolError('client-closed', 'The client is closed')
