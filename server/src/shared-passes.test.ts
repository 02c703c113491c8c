import type { Position } from '@durable-sync/core/wire'
import { expect, test } from 'vitest'
import { SharedPasses } from './shared-passes.ts'

const HEAD = '7.n.o' as Position
const MB = 1024 * 1024

/** Reads under a name, and says how often. */
function fixture(head = HEAD) {
  const passes = new SharedPasses()
  const read: string[] = []
  const tables = { areReadable: true }
  const at = (name: string, frames: readonly string[] | null | 'unreadable' = [name], where = head) =>
    passes.at(
      where,
      name,
      () => {
        read.push(name)
        return frames === 'unreadable' ? undefined : frames
      },
      () => tables.areReadable,
    )
  return { at, read, tables }
}

test('what those lack who come back from one position is read once, also that it is too much', () => {
  const { at, read } = fixture()
  expect([at('a'), at('a'), at('b'), at('c', null), at('c', null)]).toEqual([['a'], ['a'], ['b'], null, null])
  expect(read).toEqual(['a', 'b', 'c'])
})

test('it is read again when something has changed, also in another history', () => {
  const { at, read } = fixture()
  at('a')
  at('a', ['newer'], '8.n.o' as Position)
  expect(at('a', ['other'], '8.m.o' as Position)).toEqual(['other'])
  expect(read).toEqual(['a', 'a', 'a'])
})

test('what could not be read is tried again by the next', () => {
  const { at, read } = fixture()
  expect(at('a', 'unreadable')).toBeNull()
  expect(at('a')).toEqual(['a'])
  expect(read).toEqual(['a', 'a'])
})

test('what can no longer be read is read again, and does not count any more', () => {
  const { at, read, tables } = fixture()
  at('b')
  for (let i = 0; i < 3; i++) {
    at('a', ['x'.repeat(1.5 * MB)])
    tables.areReadable = false
    expect(at('a', 'unreadable')).toBeNull()
    tables.areReadable = true
  }
  at('b')
  expect(read).toEqual(['b', 'a', 'a', 'a', 'a', 'a', 'a'])
})

test('no more than 2 MB are held', () => {
  const { at, read } = fixture()
  at('large', ['x'.repeat(2 * MB + 1)])
  at('large', ['x'.repeat(2 * MB + 1)])
  at('a', ['x'.repeat(1.5 * MB)])
  at('b', ['x'.repeat(MB)])
  at('b')
  at('a')
  expect(read).toEqual(['large', 'large', 'a', 'b', 'a'])
})

test('the names of what is held count as well: many little passes are no more', () => {
  const { at, read } = fixture()
  const [first, second] = ['a'.repeat(1.5 * MB), 'b'.repeat(MB)]
  for (const name of [first, second, second, first]) at(name, ['{}'])
  expect(read.map(([start]) => start)).toEqual(['a', 'b', 'a'])
})
