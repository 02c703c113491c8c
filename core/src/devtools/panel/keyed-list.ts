export interface KeyedListOptions<T> {
  readonly key: (item: T) => string | number
  readonly make: (item: T) => KeyedNode<T>
  /** What had the focus has left. */
  readonly focusLost?: () => void
}

export interface KeyedNode<T> {
  readonly node: HTMLElement
  readonly show?: (item: T) => void
}

/** Children of `parent`, one for each item: what stays is not touched, so that focus, selection and what is unfolded stay, too. */
export class KeyedList<T> {
  readonly #parent: HTMLElement
  readonly #options: KeyedListOptions<T>
  readonly #nodes = new Map<string | number, KeyedNode<T>>()

  constructor(parent: HTMLElement, options: KeyedListOptions<T>) {
    this.#parent = parent
    this.#options = options
  }

  show(items: readonly T[]): void {
    const { key, make } = this.#options
    this.#remove(new Set(items.map(key)))
    let at = this.#parent.firstChild
    for (const item of items) {
      const known = this.#nodes.get(key(item))
      const made = known ?? make(item)
      if (!known) this.#nodes.set(key(item), made)
      made.show?.(item)
      if (made.node === at) at = at.nextSibling
      else this.#parent.insertBefore(made.node, at)
    }
  }

  #remove(staying: ReadonlySet<string | number>): void {
    for (const [key, { node }] of this.#nodes) {
      if (staying.has(key)) continue
      const hadFocus = hasFocus(node)
      node.remove()
      this.#nodes.delete(key)
      if (hadFocus) this.#options.focusLost?.()
    }
  }
}

function hasFocus(node: HTMLElement): boolean {
  const root = node.getRootNode()
  const active = root instanceof ShadowRoot || root instanceof Document ? root.activeElement : null
  return active !== null && node.contains(active)
}
