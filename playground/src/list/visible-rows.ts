export interface Viewport {
  /** How far it is scrolled, in pixels. */
  readonly top: number
  readonly height: number
}

/** The rows from `first` up to and without `end`. */
export interface RowRange {
  readonly first: number
  readonly end: number
}

/** How many rows are drawn above and below those in sight, so that a scroll by a line finds them there. */
const BEYOND = 6

/** The rows of a long list that are near what is in sight. All of them have the same height. */
export function visibleRows({ top, height }: Viewport, rowHeight: number, count: number): RowRange {
  const first = Math.floor(Math.max(0, top) / rowHeight) - BEYOND
  const end = Math.ceil((Math.max(0, top) + height) / rowHeight) + BEYOND
  // A list that has become shorter than it was scrolled shows its end.
  const most = Math.min(count, end)
  return { first: Math.max(0, Math.min(first, most - (end - first))), end: most }
}
