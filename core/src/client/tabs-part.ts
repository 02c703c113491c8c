import { LazyPart } from '../lazy-part.ts'

/** What the tabs of a browser say to each other: only where something is kept, and only while something is mounted or written. */
export const TABS = new LazyPart(() => import('./room-tabs.ts'))
