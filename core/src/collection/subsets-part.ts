import { LazyPart } from '../lazy-part.ts'
import { FILTERS } from './filter-part.ts'

/** What only an on-demand collection needs. */
export const SUBSETS = new LazyPart(async () => {
  const [part] = await Promise.all([import('./subset-manager.ts'), FILTERS.load()])
  return part
})
