/** How many items of a category are drawn; a search finds the others. */
export const ITEMS_SHOWN = 50

/** For `ilike`. A percent sign or an underscore in it stands for anything, as they do in every pattern. */
export const searchPattern = (search: string): string => `%${search.trim()}%`

export interface Found {
  readonly search: string
  /** How many items are like that. */
  readonly found: number
  /** How many the category has. */
  readonly whole: number
  /** Whether they have come. */
  readonly isReady: boolean
}

/** How many were found, in words. */
export function foundWords({ search, found, whole, isReady }: Found): string {
  if (!isReady) return 'Loading…'
  return search.trim() === '' ? `${whole} items` : `${found} of ${whole}`
}

/** What stands below the items that are drawn. */
export function endWords({ found, isReady }: Found): string {
  if (!isReady) return ''
  if (found === 0) return 'Nothing here is like that.'
  return found > ITEMS_SHOWN ? `And ${found - ITEMS_SHOWN} more: search for them.` : ''
}
