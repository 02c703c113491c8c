/** What clients and the bench have written to a room. */
export interface Written {
  readonly rows: number
  /** The last row that was given another content. */
  readonly changed?: { readonly id: string; readonly content: string }
}
