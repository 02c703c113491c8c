import { BEHAVIOURS, LATER } from './behaviours.ts'
import type { TestTitle } from './test-titles.ts'

export const BEGIN = '<!-- generated: npm run matrix -->'
export const END = '<!-- /generated -->'

const cell = (text: string) => text.replaceAll('|', '\\|')

const held = (titles: readonly TestTitle[], id: string) => titles.filter(({ ids }) => ids.includes(id))

/** Behaviour by behaviour: the tests that hold it, by file. */
export function behaviourMatrix(titles: readonly TestTitle[]): string {
  const rows = Object.entries(BEHAVIOURS).map(([id, sentence]) => {
    const tests = held(titles, id).map(({ file, title }) => `\`${file}\` ${title}`)
    const later = LATER[id] ? [`*waits for ${LATER[id]}*`] : []
    return `| ${id} | ${cell(sentence)} | ${[...tests, ...later].map(cell).join('<br>')} |`
  })
  return ['| | behaviour | held by |', '|---|---|---|', ...rows].join('\n')
}

const MOST = 3

/** The tests of one rule, for the protocol's list of invariants. */
export function heldBy(titles: readonly TestTitle[], rule: string): string {
  const tests = held(titles, rule)
  const named = tests.slice(0, MOST).map(({ file, title }) => `\`${file}\` “${title}”`)
  const more = tests.length > MOST ? [`and ${tests.length - MOST} more`] : []
  return [...named, ...more].join('; ')
}

/** Fills the generated parts of a document. */
export function fill(document: string, content: string): string {
  const [before, rest] = document.split(BEGIN)
  const after = rest?.split(END)[1]
  if (before === undefined || after === undefined)
    throw new Error(`the document has no part between ${BEGIN} and ${END}`)
  return `${before}${BEGIN}\n\n${content}\n\n${END}${after}`
}
