import type { ColumnKind, Filter, FilterBuilder } from '@durable-sync/core/wire'

/** The columns that can be the key: those that hold text. */
export type KeyColumn<Row> = { [K in keyof Row]-?: Row[K] extends string ? K : never }[keyof Row] & string

type KindOf<V> = [V] extends [never]
  ? never
  : [V] extends [boolean]
    ? 'boolean'
    : [V] extends [string | number]
      ? never
      : [V] extends [Date]
        ? 'date'
        : [V] extends [bigint]
          ? 'bigint'
          : [V] extends [Uint8Array]
            ? 'bytes'
            : 'json'

/** The kinds that a row type needs: one for each column whose type SQLite does not have. */
export type RequiredKinds<Row> = {
  readonly [K in keyof Row as KindOf<NonNullable<Row[K]>> extends never ? never : K]-?: KindOf<
    NonNullable<Row[K]>
  >
}

type KindsOption<Row> = keyof RequiredKinds<Row> extends never
  ? { readonly columns?: Readonly<Record<never, ColumnKind>> }
  : { readonly columns: RequiredKinds<Row> }

/** One table that clients may hold. */
export type CollectionOptions<Table extends string, Row, Key extends KeyColumn<Row>, Claims = unknown> = {
  readonly table: Table
  /** The table's only primary key column: TEXT, supplied by the client that inserts. */
  readonly pk: Key
  /**
   * Which rows a user may read, on every way that reads: a filter, true for all of them (the default), or false to refuse. A client's own
   * filter only narrows it. `filter` builds what a plain object cannot say. It must be synchronous and depend on nothing but the claims; a
   * throw lets nobody read. What a user may write is for `authorize` and `check` to say.
   */
  readonly readFilter?: (context: {
    readonly user: Claims
    readonly filter: FilterBuilder<Row>
  }) => boolean | Filter<Row>
} & KindsOption<Row>
