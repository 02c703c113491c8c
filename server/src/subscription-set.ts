import type { Cell } from '@durable-sync/core/wire'
import { type LivePredicate, type LiveSubscription, livePredicate } from './live-subscription.ts'

/** What the subscriptions of one socket show of one table, together. Sockets with the same `key` get the same rows. */
export interface MatchingSet {
  readonly table: string
  /** Empty: every row. */
  readonly key: string
  /** A row belongs here if one of them has it. Empty: every row does. */
  readonly predicates: readonly LivePredicate[]
}

/** The joined subscriptions of one socket, by number. */
export class SubscriptionSet {
  readonly #subs = new Map<number, LiveSubscription>()
  #sets: readonly MatchingSet[] | undefined

  get size(): number {
    return this.#subs.size
  }

  get(sub: number): LiveSubscription | undefined {
    return this.#subs.get(sub)
  }

  has(sub: number): boolean {
    return this.#subs.has(sub)
  }

  numbers(): number[] {
    return [...this.#subs.keys()].sort((a, b) => a - b)
  }

  entries(): [number, LiveSubscription][] {
    return [...this.#subs]
  }

  set(sub: number, subscription: LiveSubscription): void {
    this.#subs.set(sub, subscription)
    this.#sets = undefined
  }

  delete(sub: number): boolean {
    this.#sets = undefined
    return this.#subs.delete(sub)
  }

  clear(): void {
    this.#sets = undefined
    this.#subs.clear()
  }

  /** By table, in the order of their names. Kept until a subscription changes: every flush asks every socket. */
  get sets(): readonly MatchingSet[] {
    this.#sets ??= matchingSets(this.#subs.values())
    return this.#sets
  }
}

function matchingSets(subs: Iterable<LiveSubscription>): MatchingSet[] {
  const byTable = new Map<string, Map<string, LivePredicate>>()
  const whole = new Set<string>()
  for (const sub of subs) {
    const predicates = byTable.get(sub.collection) ?? new Map<string, LivePredicate>()
    byTable.set(sub.collection, predicates)
    const predicate = livePredicate(sub)
    predicates.set(predicate.id, predicate)
    if (sub.filter.isEverything && sub.boundary === null) whole.add(sub.collection)
  }
  return [...byTable.keys()].sort().map((table) => {
    const predicates = whole.has(table) ? [] : [...(byTable.get(table)?.values() ?? [])]
    const ids = predicates.map(({ id }) => id).sort()
    return { table, key: ids.length === 0 ? '' : JSON.stringify(ids), predicates }
  })
}

/** Whether a row belongs to the set: for a reader of its own; `TableDelta` asks for many sets at once. */
export const belongsTo = ({ predicates }: MatchingSet, cells: readonly Cell[]): boolean =>
  predicates.length === 0 ||
  predicates.some((predicate) => predicate.filter.matches(cells) && predicate.isInside(cells))
