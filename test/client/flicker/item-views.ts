import type { ViewFilter } from './row-law.ts'

/** Collections that are watched and written to. */
export const COLLECTIONS = ['all', 'again', 'listed'] as const
/** Live queries: over all rows, and over an on-demand collection. */
export const QUERIES = ['all in a', 'asked in a'] as const

export type CollectionName = (typeof COLLECTIONS)[number]
export type QueryName = (typeof QUERIES)[number]
export type ViewName = CollectionName | QueryName

export const VIEWS: readonly ViewName[] = [...COLLECTIONS, ...QUERIES]

export const isQuery = (name: ViewName): name is QueryName => QUERIES.some((query) => query === name)

export const FILTERS: Readonly<Record<ViewName, ViewFilter>> = {
  all: { list: undefined, strays: 'never' },
  again: { list: undefined, strays: 'never' },
  listed: { list: 'a', strays: 'of its own' },
  'all in a': { list: 'a', strays: 'never' },
  'asked in a': { list: 'a', strays: 'never' },
}
