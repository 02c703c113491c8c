import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BEHAVIOURS, LATER } from './behaviours.ts'
import { readDocument, root } from './code-blocks.ts'
import { INVARIANTS } from './invariants.ts'
import { behaviourMatrix, fill, heldBy } from './matrix.ts'
import { testTitles } from './test-titles.ts'

const titles = testTitles()

/** The document as it must be. `npm run matrix` writes it; otherwise a difference fails. */
function checkGenerated(name: string, content: string): void {
  const current = readDocument(name)
  const wanted = fill(current, content)
  if (process.env.WRITE_MATRIX) writeFileSync(join(root, name), wanted)
  else expect(current, `${name} is out of date: npm run matrix`).toBe(wanted)
}

test('test/README.md says which behaviour is held by which test, as the titles say', () => {
  checkGenerated('test/README.md', behaviourMatrix(titles))
})

test('PROTOCOL.md names the tests of every invariant', () => {
  const list = INVARIANTS.map(
    ([rule, law], i) => `${i + 1}. **${rule}** ${law} *Held by* ${heldBy(titles, rule)}.`,
  )
  checkGenerated('PROTOCOL.md', list.join('\n'))
})

test('every behaviour is held by a test, or says what it waits for', () => {
  const unheld = Object.keys(BEHAVIOURS).filter(
    (id) => !LATER[id] && !titles.some(({ ids }) => ids.includes(id)),
  )
  expect(unheld).toEqual([])
})

test('every invariant is held by a test', () => {
  expect(
    INVARIANTS.map(([rule]) => rule).filter((rule) => !titles.some(({ ids }) => ids.includes(rule))),
  ).toEqual([])
})

test('no title names a behaviour or a rule that does not exist', () => {
  const known = new Set([...Object.keys(BEHAVIOURS), ...INVARIANTS.map(([rule]) => rule)])
  expect(
    titles.flatMap(({ title, ids }) => ids.filter((id) => !known.has(id)).map((id) => `${id} in "${title}"`)),
  ).toEqual([])
})
