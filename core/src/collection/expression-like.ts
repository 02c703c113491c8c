/** What TanStack DB's expressions look like, in every supported version. */
export type ExpressionLike =
  | { readonly type: 'ref'; readonly path: readonly (string | number)[] }
  | { readonly type: 'val'; readonly value: unknown }
  | { readonly type: 'func'; readonly name: string; readonly args: readonly ExpressionLike[] }

/** One term of TanStack DB's order. */
export interface OrderByLike {
  readonly expression: ExpressionLike | { readonly type: string }
  readonly compareOptions: {
    readonly direction?: 'asc' | 'desc' | undefined
    readonly nulls?: 'first' | 'last' | undefined
    /** `lexical` is by code unit. Every other order of text only the application can make. */
    readonly stringSort?: string | undefined
  }
}

/** What TanStack DB asks an on-demand collection for. The object itself names the request when it is released. */
export interface SubsetRequest {
  readonly where?: ExpressionLike | undefined
  readonly orderBy?: readonly OrderByLike[] | undefined
  readonly limit?: number | undefined
  readonly offset?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Who asks: one object per live query and source. */
  readonly subscription?: object | undefined
}
