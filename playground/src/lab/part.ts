/** A part of the open panel. */
export interface Part {
  readonly node: HTMLElement
  /** Must be called before the node is thrown away. */
  readonly stop: () => void
}
