import type { SyncError } from '../errors.ts'
import { type CollectionSyncState, LOADING } from '../status/collection-sync-state.ts'
import type { Applied, RowGroup, RowPart, RowSink } from '../stream/row-commit.ts'
import type { Subscribed } from '../stream/stream.ts'
import { implies } from '../wire/implied-predicate.ts'
import { HeldPlaces } from './held-places.ts'
import type { HeldSubset } from './held-subset.ts'
import { indexWarning } from './index-warning.ts'
import { gatheringOf } from './key-requests.ts'
import { orderWarning } from './order-warning.ts'
import { reportRefusal } from './refusal-report.ts'
import type { Demand, SubsetShape } from './subset-demand.ts'
import type { SubsetLoad } from './subset-load.ts'
import { type PlannedSubset, shapeName, subsetFor, wantedOf } from './subset-plan.ts'
import { specOf } from './subset-spec.ts'
import type { SubsetSurroundings } from './subset-surroundings.ts'
import { worstOf } from './worst-state.ts'

interface OpenSubset {
  readonly name: string
  readonly shape: SubsetShape
  readonly loads: Set<SubsetLoad>
  readonly sink: RowSink
  readonly held: HeldSubset
  /** Whose requests for keys it was opened for, together; undefined when it was opened for one demand. */
  gathers: object | undefined
  subscribed: Subscribed | undefined
  state: CollectionSyncState
}

/**
 * The subsets of an on-demand collection: requests of live queries become demands, demands share subscriptions, and a subscription lives as
 * long as a demand needs it.
 */
export class SubsetManager implements RowGroup {
  readonly #around: SubsetSurroundings
  readonly #open = new Map<string, OpenSubset>()
  /** Orders that the server could not give as the application sees them. */
  readonly #refusedOrders = new Set<string>()
  readonly #ordered: (column: string) => void
  #phase: 'open' | 'client-closed' | 'ended' = 'open'
  #sweep: 'none' | 'due' = 'none'

  constructor(around: SubsetSurroundings) {
    this.#around = around
    this.#ordered = indexWarning(around.collection, around.table)
  }

  /**
   * `true` when the rows of one more request are there. Otherwise settles when they are visible, or nobody wants them any more; rejects when they
   * are refused.
   */
  take(load: SubsetLoad): true | Promise<void> {
    const { order } = load.demand
    if (order && this.#refusedOrders.has(JSON.stringify(order))) load.demand = withoutOrder(load.demand)
    else if (order?.[0]) this.#ordered(order[0].column)
    load.promise.then(this.#sweepLater, this.#sweepLater)
    const subset = this.#attach(load)
    const refusal = this.#around.feed.broken ?? refusalOf(subset.state)
    if (refusal) {
      this.#report(refusal)
      load.reject(refusal)
      this.#around.loads.delete(load.request)
      this.drop(load)
      return load.promise
    }
    this.#settle(subset)
    if (load.isSettled) return true
    if (this.#phase === 'client-closed') queueMicrotask(() => load.rejectClosed())
    return load.promise
  }

  /** Its rows are not wanted any more. */
  drop(load: SubsetLoad): void {
    for (const { loads } of this.#open.values()) loads.delete(load)
    this.#sweepLater()
  }

  apply(parts: readonly RowPart[]): Applied {
    const applied = this.#around.feed.apply(parts)
    for (const subset of this.#open.values()) this.#settle(subset)
    if (this.#unused.length > 0) this.#sweepLater()
    return applied
  }

  /** The collection is cleaned up: nothing is written into it any more. */
  end(): void {
    this.#phase = 'ended'
    for (const { subscribed } of this.#open.values()) subscribed?.end()
    this.#open.clear()
  }

  /** `but`: a subscription that will not be there for long. */
  #attach(load: SubsetLoad, but?: OpenSubset): OpenSubset {
    const open = [...this.#open].filter(([, subset]) => subset !== but)
    const plan = new Map(open.map(([name, { shape, loads }]) => [name, plannedOf(shape, loads)]))
    const name = subsetFor(load.demand, plan)
    const found = this.#open.get(name)
    const subset = found ?? this.#gathered(load.demand, plan) ?? this.#opened(name, load.demand)
    subset.loads.add(load)
    if (found) this.#resize(subset)
    return subset
  }

  /** One subscription for this demand and others of the same owner, which move into it; those that they leave end when it has joined. */
  #gathered(demand: Demand, plan: ReadonlyMap<string, PlannedSubset>): OpenSubset | undefined {
    const gathering = gatheringOf(demand, plan, this.#around.where)
    if (!gathering) return undefined
    const { where, from } = gathering
    const { owner } = demand
    const whole = { where, order: undefined, total: 0, owner }
    const name = shapeName(whole)
    const subset = this.#open.get(name) ?? this.#opened(name, whole)
    subset.gathers = owner
    for (const left of from) {
      const before = this.#open.get(left)
      for (const load of before?.loads ?? []) {
        if (load.demand.owner !== owner || !implies(load.demand.where, where)) continue
        before?.loads.delete(load)
        subset.loads.add(load)
      }
    }
    this.#sweepLater()
    return subset
  }

  #opened(name: string, { where, order, total }: Demand): OpenSubset {
    const sink: RowSink = {
      group: this,
      ready: () => {},
      refuse: (error, rows) => {
        if (rows === 'held') this.#refusedMore(subset, error)
        // The stream may be in the middle of mounting it.
        else queueMicrotask(() => this.#refused(subset, error))
      },
      state: (state) => {
        subset.state = state
        this.#tell()
      },
      closed: () => this.#clientClosed(),
    }
    const { feed, host, table } = this.#around
    const held = feed.add(sink, where.op === 'always' ? undefined : where, order && new HeldPlaces(order))
    const shape = { where, order }
    const subset: OpenSubset = {
      name,
      shape,
      loads: new Set(),
      sink,
      held,
      gathers: undefined,
      subscribed: undefined,
      state: LOADING,
    }
    this.#open.set(name, subset)
    subset.subscribed = host.mount(specOf(table, { where, order, total }), sink, 'on-demand')
    this.#tell()
    return subset
  }

  #resize({ shape, loads, subscribed }: OpenSubset): void {
    const wanted = wantedOf([...loads].map(({ demand }) => demand))
    // While only the ties of a window are wanted, it stays as it is.
    if (shape.order && wanted > 0) subscribed?.resize(wanted)
  }

  /** Settles the loads of the subset whose rows have been handed on. Where none can be shown, none will come. */
  #settle({ loads, held }: OpenSubset): void {
    const { broken } = this.#around.feed
    for (const load of loads) {
      if (load.isWaiting && broken) load.reject(broken)
      if (!load.isWaiting || !held.covers(load.demand.total)) continue
      const receipt = this.#around.receipt()
      if (receipt) load.resolveAfter(receipt)
      else load.resolve()
    }
  }

  /** Only its own demands fail with it: what merely used it gets a subscription of its own. */
  #refused(subset: OpenSubset, error: SyncError): void {
    const { name, shape, loads, sink, subscribed, gathers } = subset
    if (this.#open.get(name) !== subset) return
    this.#open.delete(name)
    subscribed?.end()
    this.#around.feed.release([sink])
    const unordered = shape.order && error.code === 'order-unsupported'
    if (unordered) {
      this.#refusedOrders.add(JSON.stringify(shape.order))
      orderWarning(this.#around.table, shape.order, error.reason)
    } else if (!gathers) this.#report(error)
    for (const load of loads) {
      const isOwn = shapeName(load.demand) === name
      if (isOwn && !unordered) {
        this.#around.loads.delete(load.request)
        load.reject(error)
        continue
      }
      if (isOwn) load.demand = withoutOrder(load.demand)
      // What was refused together is asked for one by one: without an owner nothing is gathered again.
      if (gathers) load.demand = { ...load.demand, owner: undefined }
      this.#settle(this.#attach(load))
    }
    this.#tell()
  }

  /** Rows that are shown stay; who waits for more of them is told that none will come. */
  #refusedMore(subset: OpenSubset, error: SyncError): void {
    const { name, loads } = subset
    this.#report(error)
    for (const load of [...loads]) {
      if (!load.isWaiting) continue
      loads.delete(load)
      if (shapeName(load.demand) === name) {
        this.#around.loads.delete(load.request)
        load.reject(error)
      } else this.#settle(this.#attach(load, subset))
    }
    this.#sweepLater()
  }

  #report(error: unknown): void {
    reportRefusal(this.#around.host, this.#around.table, error)
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
    const isCalm = this.#isCalm
    const unused = this.#unused.filter((subset) => isCalm || this.#isHeldByOthers(subset))
    for (const { name, subscribed } of unused) {
      this.#open.delete(name)
      subscribed?.end()
    }
    for (const subset of this.#open.values()) this.#resize(subset)
    this.#tell()
    // Last: a listener of the application may throw.
    this.#around.feed.release(unused.map(({ sink }) => sink))
  }

  /** Everything that is wanted is there, or is not served now. */
  get #isCalm(): boolean {
    return [...this.#open.values()].every(
      ({ loads, held, state }) =>
        state.phase === 'error' ||
        [...loads].every(({ isSettled, demand }) => isSettled && held.covers(demand.total)),
    )
  }

  /** No row leaves with it. */
  #isHeldByOthers({ held }: OpenSubset): boolean {
    const needed = [...this.#open.values()].filter(({ loads }) => loads.size > 0)
    for (const key of held.keys()) if (!needed.some((other) => other.held.has(key))) return false
    return true
  }

  /** What merely used a subscription gets one of its own when nobody wants the whole of it any more. */
  #moveOut(subset: OpenSubset): void {
    const { name, shape, loads, gathers } = subset
    if (shape.order || loads.size === 0) return
    for (const { demand } of loads)
      if (shapeName(demand) === name || (gathers && demand.owner === gathers)) return
    // Windows first: the ties at their ends are asked for with them.
    const moving = [...loads].sort((a, b) => Number(!a.demand.order) - Number(!b.demand.order))
    loads.clear()
    for (const load of moving) this.#settle(this.#attach(load, subset))
  }

  #clientClosed(): void {
    this.#phase = 'client-closed'
    for (const load of this.#around.loads.values()) load.rejectClosed()
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

/** Rows that were shown and are not served any more: for a new request that is a refusal. What the server failed at is asked again. */
const refusalOf = (state: CollectionSyncState): SyncError | undefined =>
  state.phase === 'error' && state.error.code !== 'internal' ? state.error : undefined

const withoutOrder = (demand: Demand): Demand => ({ ...demand, order: undefined })
