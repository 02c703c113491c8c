import type { ColumnKind, OrderTerm, Place, Predicate } from '@durable-sync/core/wire'

/** A table and what its columns mean. */
export interface TableOf {
  readonly table: string
  readonly kinds: Readonly<Record<string, ColumnKind>>
}

/** A row's cells as SQLite writes them: JSON that knows infinities, which `JSON.stringify` does not. */
export type RowText = string

/** What SQL says about one predicate. */
export type Selected =
  | { readonly refused: string }
  /** The keys under the condition, and whether it claims to be exact. */
  | { readonly keys: readonly string[]; readonly exact: boolean }

export interface Pages {
  /** Rows of each page in their order. */
  readonly pages: readonly (readonly RowText[])[]
  /** Where each page ends; null when it has no rows. */
  readonly lasts: readonly (string | null)[]
  /** What each page read of the storage. */
  readonly rowsRead: readonly number[]
  readonly mores: readonly boolean[]
}

/** A table or a part of it, page by page. */
export interface JoinPages {
  readonly pages: readonly (readonly RowText[])[]
  /** What all of them read of the storage. */
  readonly rowsRead: number
}

/** What can be asked of the object: the compiler and the readers of the library, called directly. */
export interface ParityVerbs {
  readonly exec: { readonly args: { readonly statements: readonly string[] }; readonly result: null }
  readonly columns: {
    readonly args: TableOf
    readonly result: { readonly cols: readonly string[]; readonly rows: readonly RowText[] }
  }
  readonly select: {
    readonly args: TableOf & { readonly predicates: readonly Predicate[] }
    readonly result: readonly Selected[]
  }
  /** Rows as joins without a window read them: once through with each of these sizes of a page, all with one reader. */
  readonly pages: {
    readonly args: TableOf & { readonly where: Predicate | null; readonly sizes: readonly number[] }
    readonly result: readonly JoinPages[]
  }
  /** Windows over one table, each read page by page from its place on. At most `count` pages. */
  readonly windows: {
    readonly args: TableOf & { readonly reads: readonly WindowRead[] }
    readonly result: readonly (Pages | { readonly refused: string })[]
  }
  /** The plan of the rows under a predicate, in no order. */
  readonly plan: {
    readonly args: TableOf & { readonly where: Predicate }
    readonly result: readonly string[]
  }
  /** Breaks the operator of this name, in a Worker that was built to be broken. Null mends it. */
  readonly break: { readonly args: { readonly name: string | null }; readonly result: null }
}

export interface WindowRead {
  readonly where: Predicate | null
  readonly order: readonly OrderTerm[]
  readonly after: Place | null
  /** Rows of each page, over and over. */
  readonly limits: readonly number[]
  readonly bytes: number
  readonly count: number
}
