import { ALWAYS, canonical, filter, type Predicate, predicateOf } from '@durable-sync/core/wire'
import type { FilterCache } from './compiled-filter.ts'
import { isRefusal, type Refusal } from './refusal.ts'
import type { ErasedCollection } from './registry/registered.ts'
import { isThenable } from './rejection.ts'
import { SetupError } from './setup-error.ts'
import type { SyncEventSink } from './sync-event.ts'
import type { TableSchema } from './table-schema.ts'

export interface ReadRulesHost {
  readonly collections: ReadonlyMap<string, ErasedCollection>
  readonly schemas: ReadonlyMap<string, TableSchema>
  readonly filters: FilterCache
  readonly event: SyncEventSink
}

/** What each user may read of each collection. A rule that cannot be asked, or says nothing, lets nobody read. */
export class ReadRules {
  readonly #host: ReadRulesHost
  /** A rule is pure, so that it is asked once for each set of claims; an author whose rule throws is told once as well. */
  readonly #known = new WeakMap<object, Map<string, Predicate | Refusal>>()

  constructor(host: ReadRulesHost) {
    this.#host = host
  }

  /** There may be rows that somebody must not know of. */
  guards(table: string): boolean {
    return this.#host.collections.get(table)?.readFilter !== undefined
  }

  /** The rows that whoever has these claims may read, as a canonical predicate. */
  rule(table: string, claims: unknown): Predicate | Refusal {
    if (!this.guards(table)) return ALWAYS
    if (typeof claims !== 'object' || claims === null) return this.#ask(table, claims)
    const known = this.#known.get(claims) ?? new Map<string, Predicate | Refusal>()
    this.#known.set(claims, known)
    const rule = known.get(table) ?? this.#ask(table, claims)
    known.set(table, rule)
    return rule
  }

  /** These claims may have been changed in place. */
  forget(claims: unknown): void {
    if (typeof claims === 'object' && claims !== null) this.#known.delete(claims)
  }

  #ask(table: string, claims: unknown): Predicate | Refusal {
    const { collections, event } = this.#host
    const denied: Refusal = { code: 'read-denied', message: `"${table}" may not be read by this user` }
    try {
      const said = collections.get(table)?.readFilter?.({ user: claims, filter })
      if (said === false) return denied
      return said === true ? ALWAYS : this.#predicate(table, said)
    } catch (error) {
      event({ type: 'error', where: `readFilter of "${table}"`, error })
      return denied
    }
  }

  /** @throws when it is no rule. */
  #predicate(table: string, said: unknown): Predicate {
    const { schemas, filters } = this.#host
    if (isThenable(said)) {
      said.then(undefined, () => undefined)
      throw new SetupError(
        'read-filter-async',
        'it returned a promise: it must be synchronous, put what it needs into the claims',
      )
    }
    if (typeof said !== 'object' || said === null || Array.isArray(said))
      throw new SetupError(
        'read-filter-invalid',
        `it returned ${said === null ? 'null' : `a value of type ${typeof said}`}: return true, false or a filter`,
      )
    const predicate = canonical(predicateOf(said))
    if (predicate.op === 'always')
      throw new SetupError('read-filter-invalid', 'it names no column: return true to let everybody read')
    const schema = schemas.get(table)
    const refusal = schema && filters.get(schema, predicate)
    if (refusal && isRefusal(refusal)) throw new SetupError('read-filter-invalid', refusal.message)
    return predicate
  }
}
