type Attributes = Readonly<Record<string, string | undefined>>

/** Makes an element. An attribute without a value is left out. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name)
  for (const [attribute, value] of Object.entries(attributes))
    if (value !== undefined) made.setAttribute(attribute, value)
  made.append(...children)
  return made
}

/** A button that does something. */
export function button(words: string, testId: string, onClick: () => void): HTMLButtonElement {
  const made = element('button', { type: 'button', 'data-testid': testId }, words)
  made.addEventListener('click', onClick)
  return made
}
