import * as newest from '@tanstack/db'
import * as oldest from 'tanstack-db-oldest'

/** What of TanStack DB is used here; the types of the newest version stand for both. */
export type TanStack = Pick<
  typeof newest,
  | 'createCollection'
  | 'createLiveQueryCollection'
  | 'createTransaction'
  | 'BasicIndex'
  | 'and'
  | 'eq'
  | 'gt'
  | 'gte'
  | 'ilike'
  | 'inArray'
  | 'isNull'
  | 'like'
  | 'not'
  | 'or'
  | 'upper'
>

export const newestTanStack: TanStack = newest

/** The versions between which semantics changed: what holds for both ends holds for what lies between. */
export const versions: readonly (readonly [string, TanStack])[] = [
  ['0.15.2', newest],
  ['0.9.2', oldest as unknown as TanStack],
]
