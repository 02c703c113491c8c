type Child = Node | string

/** Makes elements of one document. Attributes that are undefined are left out. */
export function elementsOf(document: Document) {
  return <K extends keyof HTMLElementTagNameMap>(
    tag: K,
    attributes: Readonly<Record<string, string | undefined>> = {},
    ...children: readonly Child[]
  ): HTMLElementTagNameMap[K] => {
    const made = document.createElement(tag)
    for (const [name, value] of Object.entries(attributes))
      if (value !== undefined) made.setAttribute(name, value)
    made.append(...children)
    return made
  }
}

export type Elements = ReturnType<typeof elementsOf>

/** Touches the page only when something has changed: a selection survives, and nothing is announced again. */
export function say(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text
}
