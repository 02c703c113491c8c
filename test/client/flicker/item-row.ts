/** A row of the one table that these tests have. */
export interface ItemRow {
  id: string
  list: string
  title: string
  note: string
  /** Who wrote last: a client's write, or the server. */
  tag: string
}

export const COLUMNS = ['id', 'list', 'title', 'note', 'tag'] as const

export const sameRow = (a: ItemRow | null, b: ItemRow | null): boolean =>
  a === b || (a !== null && b !== null && COLUMNS.every((column) => a[column] === b[column]))

/** Without what TanStack DB adds to a row. */
export const plainItem = (row: object): ItemRow =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith('$'))) as unknown as ItemRow

export const textOf = (row: ItemRow | null): string =>
  row === null ? '–' : COLUMNS.map((column) => row[column]).join('/')
