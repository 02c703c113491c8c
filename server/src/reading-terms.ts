import {
  ALWAYS,
  bothOf,
  canonical,
  columnsOf,
  type Predicate,
  type SubscriptionSpec,
  utf8Bytes,
} from '@durable-sync/core/wire'
import type { FilterCache } from './compiled-filter.ts'
import { hashText } from './hash-text.ts'
import type { Terms } from './live-subscription.ts'
import { checkOrder } from './order-sql.ts'
import type { ReadRules } from './read-rules.ts'
import { isRefusal, type Refusal } from './refusal.ts'
import { RowOrder } from './row-order.ts'
import type { TableSchema } from './table-schema.ts'

/** Larger than a screen ever asks for, and small enough to be kept for every subscription. */
const MAX_PREDICATE_BYTES = 32 * 1024

export interface ReadingTermsHost {
  readonly schemas: ReadonlyMap<string, TableSchema>
  readonly filters: FilterCache
  readonly rules: ReadRules
  /** The token of a table's rows: schema, kinds, generation. */
  shapeOf(table: string): string
}

/** On what terms somebody gets what they ask for. Law: their own filter only ever narrows what the collection lets them read. */
export class ReadingTerms {
  readonly #host: ReadingTermsHost

  constructor(host: ReadingTermsHost) {
    this.#host = host
  }

  /** The terms of `spec` for whoever has these claims, or why it cannot be served. */
  of({ collection, where, window }: SubscriptionSpec, claims: unknown): Terms | Refusal {
    const { schemas, filters, rules } = this.#host
    const schema = schemas.get(collection)
    if (!schema) return { code: 'unknown-collection', message: `there is no collection "${collection}"` }
    const wrong = where && this.#problem(where, schema)
    if (wrong) return wrong
    const rule = rules.rule(collection, claims)
    if (isRefusal(rule)) return rule
    const asked = where ? canonical(where) : ALWAYS
    const filter = filters.get(schema, bothOf(asked, rule))
    if (isRefusal(filter)) return filter
    const unordered = window ? checkOrder(window.order, schema) : null
    if (unordered) return unordered
    const order = window ? new RowOrder(window.order, schema) : null
    const shape = this.#shape(collection, [asked, rule], order)
    const kept = asked.op === 'always' ? undefined : asked
    const size = JSON.stringify([kept, window]).length
    return { collection, filter, order, shape, where: kept, window, size }
  }

  /** Looked for in what was asked for: the canonical form may have lost it. */
  #problem(where: Predicate, schema: TableSchema): Refusal | undefined {
    for (const column of columnsOf(where))
      if (!schema.columns.some(({ name }) => name === column))
        return { code: 'unknown-column', message: `"${schema.name}" has no column "${column}"` }
    const bytes = utf8Bytes(JSON.stringify(where))
    if (bytes <= MAX_PREDICATE_BYTES) return undefined
    return {
      code: 'predicate-unsupported',
      message: `the filter has ${bytes} bytes, ${MAX_PREDICATE_BYTES} are allowed`,
    }
  }

  /** Rows that are held under another token are loaded again: its limit and its boundary do not change what a window's rows are. */
  #shape(collection: string, predicates: readonly Predicate[], order: RowOrder | null): string {
    const table = this.#host.shapeOf(collection)
    if (order === null && predicates.every(({ op }) => op === 'always')) return table
    return hashText(JSON.stringify([table, ...predicates, order?.text ?? null]))
  }
}
