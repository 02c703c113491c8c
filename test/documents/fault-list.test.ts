import { expect, test } from 'vitest'
import { readDocument } from './code-blocks.ts'
import { faultList } from './fault-list.ts'
import { testTitles } from './test-titles.ts'

const faults = faultList(readDocument('test/README.md'))
const titles = testTitles()

test('every fault of offline work is held by tests that exist, or says why no test makes it happen', () => {
  const missing = faults.flatMap(({ id, holders }) =>
    holders
      .filter(({ file, title }) => !titles.some((each) => each.file === file && each.title.includes(title)))
      .map(({ file, title }) => `${id}: ${file} has no test “${title}”`),
  )
  expect(missing).toEqual([])
  expect(faults.filter(({ holders, because }) => holders.length === 0 && !because)).toEqual([])
})

test('a fault is listed once, in words', () => {
  expect(faults.length).toBeGreaterThan(50)
  const ids = faults.map(({ id }) => id)
  expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([])
  expect(faults.filter(({ fault }) => fault.length < 10)).toEqual([])
})

test.each([
  ['a row without a test or a reason', '| F-1 | something happens | |'],
  ['a test without its file', '| F-1 | something happens | “a test” |'],
])('%s is no fault list', (_, row) => {
  expect(() => faultList(`\n## The fault list of offline work\n\n${row}\n`)).toThrow('F-1')
})
