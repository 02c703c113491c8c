import { LazyPart } from '../lazy-part.ts'

/** What decides which rows a filter takes: for collections with a `where`, and on demand. A storage brings it along. */
export const FILTERS = new LazyPart(() => import('./compiled-filter.ts'))
