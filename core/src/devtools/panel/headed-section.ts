import type { Elements } from './element.ts'

/** A section with a heading that can take the focus of what has left it. */
export function headedSection(h: Elements, title: string) {
  const count = h('span', { class: 'count' })
  const heading = h('h4', { tabindex: '-1' }, `${title} `, count)
  const empty = h('p', { class: 'empty' })
  return { node: h('section', {}, heading, empty), heading, count, empty }
}
