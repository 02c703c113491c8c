import type { OrderTerm, Predicate } from '@durable-sync/core/wire'
import * as newest from '@tanstack/db'
import * as oldest from 'tanstack-db-oldest'
import { applicationValue } from './application-values.ts'

type TanStack = Pick<
  typeof newest,
  'createCollection' | 'createLiveQueryCollection' | 'localOnlyCollectionOptions' | 'IR'
>

/** What holds for both ends holds for what lies between. */
export const versions: readonly (readonly [string, TanStack])[] = [
  ['0.15.2', newest],
  ['0.9.2', oldest as unknown as TanStack],
]

type Row = Record<string, unknown> & { readonly id: string }
type Expression = newest.IR.BasicExpression<boolean>

/** The rows of one table in TanStack DB itself, which says which of them a query would show, and in which order. */
export class TanStackRows {
  readonly #tanstack: TanStack
  readonly #collection

  constructor(tanstack: TanStack, rows: readonly Record<string, unknown>[]) {
    this.#tanstack = tanstack
    this.#collection = tanstack.createCollection(
      tanstack.localOnlyCollectionOptions({
        getKey: ({ id }: Row) => id,
        initialData: rows as Row[],
      }),
    )
    this.#collection.startSyncImmediate()
  }

  /** The keys of the rows that a predicate is true for. */
  matching(predicate: Predicate): Set<string> {
    const changes = this.#collection.currentStateAsChanges({ where: this.#expression(predicate) }) ?? []
    return new Set(changes.map(({ key }) => key))
  }

  /** The keys of all rows in the order of a live query. */
  async inOrder(order: readonly OrderTerm[]): Promise<string[]> {
    const { createLiveQueryCollection } = this.#tanstack
    const live = createLiveQueryCollection((q) => {
      let query = q.from({ row: this.#collection })
      for (const { column, descending, nulls } of order)
        query = query.orderBy(({ row }) => (row as Record<string, unknown>)[column] as never, {
          direction: descending ? 'desc' : 'asc',
          nulls,
          stringSort: 'lexical',
        })
      return query
    })
    const rows = await live.toArrayWhenReady()
    const keys = rows.map((row) => (row as Row).id)
    await live.cleanup()
    return keys
  }

  #expression(predicate: Predicate): Expression {
    const { IR } = this.#tanstack
    switch (predicate.op) {
      case 'always':
      case 'never':
        return new IR.Value(predicate.op === 'always')
      case 'and':
      case 'or':
        return new IR.Func(
          predicate.op,
          predicate.of.map((each) => this.#expression(each)),
        )
      case 'not':
        return new IR.Func('not', [this.#expression(predicate.of)])
    }
    const column = new IR.PropRef([predicate.column])
    if ('values' in predicate)
      return new IR.Func('in', [column, new IR.Value(predicate.values.map(applicationValue))])
    if ('value' in predicate)
      return new IR.Func(predicate.op, [column, new IR.Value(applicationValue(predicate.value))])
    return new IR.Func(predicate.op, [column])
  }
}
