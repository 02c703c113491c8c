/** What a settled write asks of the collections that it touched. */
export interface OverlayRetirer {
  retireOverlays(): void
}

/** The writer of each collection's current sync run, by the collection. */
export type Writers = WeakMap<object, OverlayRetirer>
