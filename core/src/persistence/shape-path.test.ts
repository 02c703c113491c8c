import { expect, test } from 'vitest'
import type { Position } from '../wire/index.ts'
import { shapeNode } from './shape-node.ts'
import { furthestPath } from './shape-path.ts'

/** `12a` is sequence 12 in the era a; behind a slash, where the window ends. */
function node(text: string) {
  const [, seq, era, end] = /^(\d+)(\w)(?:\/(\d+))?$/.exec(text) ?? []
  return shapeNode(`${seq}.${era}.o` as Position, end === undefined ? undefined : [Number(end), 'k'])
}

const path = (base: string, ...steps: string[]): string[] => {
  const parsed = steps
    .map((text) => ({ text, ends: text.split('>') }))
    .map(({ text, ends: [from = '', to = ''] }) => ({ text, from: node(from), to: node(to) }))
    .sort((a, b) => a.to.seq - b.to.seq)
  return furthestPath(node(base), parsed).map(({ text }) => text)
}

test('an unbroken line is taken to its end, and a gap ends it', () => {
  expect(path('5a', '5a>6a', '6a>9a')).toEqual(['5a>6a', '6a>9a'])
  expect(path('5a', '5a>6a', '7a>9a')).toEqual(['5a>6a'])
  expect(path('5a', '7a>9a')).toEqual([])
})

test('of two lines side by side the further one is taken, whole', () => {
  expect(path('0a', '0a>2a', '2a>4a', '0a>3a', '3a>6a')).toEqual(['0a>3a', '3a>6a'])
})

test('a line that ends leads on with a step that began before, in the same era', () => {
  expect(path('0a', '0a>5a', '3a>8a', '8a>9a')).toEqual(['0a>5a', '3a>8a', '8a>9a'])
})

test('a step that began before and ends in another era is not taken: a restore may lie between', () => {
  expect(path('0a', '0a>5a', '3a>8b')).toEqual(['0a>5a'])
  expect(path('0a', '0a>5a', '3a>8a', '5a>7b', '7b>9b')).toEqual(['0a>5a', '5a>7b', '7b>9b'])
})

test('steps of a history that is lost are not reached from the one that is not', () => {
  expect(path('5c', '12a>13a', '13a>20a', '5c>14c')).toEqual(['5c>14c'])
})

test('windows that end elsewhere are other states: what was told to the narrow one is not taken for the wide one', () => {
  expect(path('5a/3', '5a/3>5a/9', '5a/9>7a/9', '5a/3>6a/3', '6a/3>8a/3')).toEqual(['5a/3>6a/3', '6a/3>8a/3'])
  expect(path('5a/3', '5a/3>6a/3', '4a/9>8a/9')).toEqual(['5a/3>6a/3'])
  expect(path('5a/3', '5a/3>6a/3', '4a/3>8a/3')).toEqual(['5a/3>6a/3', '4a/3>8a/3'])
})

test('a window that was cut and grown at one position does not go round in circles', () => {
  expect(path('5a/9', '5a/9>5a/3', '5a/3>5a/9', '5a/9>6a/9')).toEqual(['5a/9>6a/9'])
})
