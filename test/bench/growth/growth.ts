/** What there is while a write is measured. */
export interface Setting {
  /** In the table before the first write. */
  readonly rows: number
  /** Clients beside the writer. */
  readonly readers: number
  /** Distinct filters of these clients, which share them evenly; 0: they have the whole table. */
  readonly filters: number
  /** Tables of the object; every client has all of them. */
  readonly collections: number
}

/** How the cost of a write grows with one of these, while the others stay. */
export interface Growth {
  readonly name: string
  /** What the sizes count. */
  readonly of: string
  readonly sizes: readonly number[]
  readonly at: (size: number) => Setting
}

const SMALL: Setting = { rows: 100, readers: 1, filters: 0, collections: 1 }

export const GROWTHS: readonly Growth[] = [
  {
    name: 'G1',
    of: 'rows in the table',
    sizes: [1000, 10_000, 100_000],
    at: (rows) => ({ ...SMALL, rows }),
  },
  { name: 'G2', of: 'clients', sizes: [1, 10, 100], at: (readers) => ({ ...SMALL, readers }) },
  {
    name: 'G3',
    of: 'distinct filters of 100 clients',
    sizes: [1, 10, 100],
    at: (filters) => ({ ...SMALL, readers: 100, filters }),
  },
  {
    name: 'G4',
    of: 'collections',
    sizes: [1, 5, 20],
    at: (collections) => ({ ...SMALL, collections }),
  },
]
