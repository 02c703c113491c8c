import { expect, test } from 'vitest'
import { IN_MEMORY } from '../persistence/room-storage.ts'
import { edit, insert, keptWrite, note, remove, shownRows } from './testing/shown-rows.ts'

/** One collection with two rows of the server. */
function opened() {
  const { views, collection, adopt, begin } = shownRows()
  const notes = collection()
  notes.frame([note('a', 'a1'), note('b', 'b1')], { set: 'all' })
  notes.writer.ready()
  return { views, collection, adopt, begin, notes }
}

test('what is pending lies over the server’s row column by column, whatever else changes in it', () => {
  const { views, adopt, notes } = opened()
  adopt('w', [edit('a', { text: 'mine' })])
  notes.frame([note('a', 'theirs', 'them')])
  expect(notes.shown()).toBe('a=mine/them b=b1/-')
  views.settle(['w'])
  expect(notes.shown()).toBe('a=theirs/them b=b1/-')
})

test('a row that is deleted here stays deleted while others edit it, and is as they left it when the delete is refused', () => {
  const { views, adopt, notes } = opened()
  adopt('w', [remove('a')])
  notes.frame([note('a', 'theirs')])
  expect(notes.shown()).toBe('b=b1/-')
  views.settle(['w'])
  expect(notes.shown()).toBe('a=theirs/- b=b1/-')
})

test('a row that another one deletes goes, whatever is pending of it, and does not come back', () => {
  const { views, adopt, notes } = opened()
  adopt('w', [edit('a', { text: 'mine' })])
  notes.frame([], { del: ['a'] })
  expect(notes.shown()).toBe('b=b1/-')
  adopt('v', [edit('a', { text: 'again' })], [note('a', 'mine')])
  expect(notes.shown()).toBe('b=b1/-')
  views.settle(['w', 'v'])
  expect(notes.shown()).toBe('b=b1/-')
})

test('an insert is there before the server has the row, and goes when it is refused', () => {
  const { views, adopt, notes } = opened()
  adopt('w', [insert('c', 'new')])
  adopt('v', [edit('c', { by: 'me' })])
  expect(notes.shown()).toBe('a=a1/- b=b1/- c=new/me')
  views.settle(['w'])
  expect(notes.shown()).toBe('a=a1/- b=b1/-')
  views.settle(['v'])
  expect(notes.shown()).toBe('a=a1/- b=b1/-')
})

test('two operations of one write on one row are both shown, and go together', () => {
  const { views, adopt, notes } = opened()
  adopt('w', [edit('a', { text: 'one' }), edit('a', { by: 'two' })])
  expect(notes.shown()).toBe('a=one/two b=b1/-')
  views.settle(['w'])
  expect(notes.shown()).toBe('a=a1/- b=b1/-')
})

test.each([
  ['first', 'w1', 'a=2/3'],
  ['middle', 'w2', 'a=1/3'],
  ['last', 'w3', 'a=2/-'],
])('of three writes of one row the %s is refused, and the others stay', (_, refused, left) => {
  const { views, adopt, notes } = opened()
  adopt('w1', [edit('a', { text: '1' })])
  adopt('w2', [edit('a', { text: '2' })])
  adopt('w3', [edit('a', { by: '3' })])
  expect(notes.shown()).toBe('a=2/3 b=b1/-')
  views.settle([refused])
  expect(notes.shown()).toBe(`${left} b=b1/-`)
})

test('writes that are settled in any order leave the server’s row', () => {
  for (const order of [
    ['w1', 'w2', 'w3'],
    ['w3', 'w1', 'w2'],
    ['w2', 'w3', 'w1'],
  ]) {
    const { views, adopt, notes } = opened()
    for (const id of ['w1', 'w2', 'w3']) adopt(id, [edit('a', { text: id })])
    notes.frame([note('a', 'server')])
    for (const id of order) views.settle([id])
    expect(notes.shown(), order.join()).toBe('a=server/- b=b1/-')
    expect(notes.writer.receipt).toBeUndefined()
  }
})

test('a write of a transaction is not in the rows before TanStack DB stops showing it, and then stands on what was accepted meanwhile', () => {
  const { views, begin, notes } = opened()
  const longAgo = [note('a', 'as it was', 'long ago')]
  begin('v', [edit('b', { text: 'mine' })], notes.writer, longAgo)
  begin('w', [edit('a', { text: 'mine' })], notes.writer, longAgo)
  expect(notes.shown()).toBe('a=a1/- b=b1/-')
  views.project('w')
  expect(notes.shown()).toBe('a=mine/- b=b1/-')
  views.settle(['w'])
  begin('w', [edit('a', { text: 'mine' })], notes.writer, longAgo)
  notes.frame([note('a', 'theirs', 'them')])
  expect(notes.shown()).toBe('a=theirs/them b=b1/-')
  views.project('w')
  expect(notes.shown()).toBe('a=mine/them b=b1/-')
})

test('another collection of the table shows the write of a transaction by itself', () => {
  const { collection, begin, notes } = opened()
  const other = collection()
  other.frame([note('a', 'a1')])
  begin('w', [edit('a', { text: 'mine' })], notes.writer)
  expect([notes.shown(), other.shown()]).toEqual(['a=a1/- b=b1/-', 'a=mine/-'])
})

test('a collection that comes later shows what is pending together with its first rows, and nothing before', () => {
  const { collection, adopt } = opened()
  adopt('w', [edit('a', { text: 'mine' }), insert('c', 'new')])
  const later = collection()
  expect(later.seen).toEqual([])
  later.frame([note('a', 'a1', 'them')], { set: 'all' })
  expect(later.seen).toEqual(['a=mine/them c=new/-'])
})

test('a collection of which nothing is kept shows what is pending alone', () => {
  const { collection, adopt } = opened()
  adopt('w', [insert('c', 'new'), edit('a', { text: 'mine' })], [null, note('a', 'a1')])
  const later = collection()
  later.writer.showPending()
  expect(later.seen).toEqual(['a=mine/- c=new/-'])
})

test('writes that are read together become visible together', () => {
  const { views, notes } = opened()
  views.adopt([keptWrite(1, 'w1', [insert('c', 'one')]), keptWrite(2, 'w2', [edit('c', { text: 'two' })])])
  expect(notes.seen.slice(1)).toEqual(['a=a1/- b=b1/- c=two/-'])
})

test('what was kept by an earlier page comes before what this one wrote while it was read', () => {
  const { views, begin, notes, collection } = opened()
  begin('mine', [edit('a', { text: 'newest' })], notes.writer)
  views.adopt([keptWrite(1, 'old', [edit('a', { text: 'old' })])])
  views.project('mine')
  expect(notes.shown()).toBe('a=newest/- b=b1/-')
  const later = collection()
  later.frame([note('a', 'a1')], { set: 'all' })
  expect(later.shown()).toBe('a=newest/-')
})

test('what another tab keeps comes after what this one has kept', () => {
  const { views, begin, notes } = opened()
  begin('mine', [edit('a', { text: 'mine' })], notes.writer)
  views.place('mine', 1)
  views.project('mine')
  views.adopt([keptWrite(2, 'theirs', [edit('a', { text: 'theirs' })])])
  expect(notes.shown()).toBe('a=theirs/- b=b1/-')
})

test('what was kept by an earlier page, and is read late, comes before what this one has kept meanwhile', () => {
  const { views, begin, notes } = opened()
  begin('mine', [edit('a', { text: 'mine' })], notes.writer)
  views.place('mine', 7)
  views.project('mine')
  views.adopt([keptWrite(6, 'old', [edit('a', { text: 'old', by: 'old' })])])
  expect(notes.shown()).toBe('a=mine/old b=b1/-')
})

test('what is kept in memory only comes after what a database keeps, and before what is not kept yet', () => {
  const { views, begin, notes } = opened()
  begin('mine', [edit('a', { text: 'mine' })], notes.writer)
  views.project('mine')
  views.adopt([keptWrite(IN_MEMORY, 'theirs', [edit('a', { text: 'theirs', by: 'theirs' })])])
  expect(notes.shown()).toBe('a=mine/theirs b=b1/-')
  views.adopt([keptWrite(1, 'old', [edit('a', { text: 'old', by: 'old' })])])
  expect(notes.shown()).toBe('a=mine/theirs b=b1/-')
})

test('what is put from memory into a database comes under what is kept there after it', () => {
  const { views, begin, notes } = opened()
  begin('first', [edit('a', { text: 'first' })], notes.writer)
  views.place('first', IN_MEMORY)
  views.project('first')
  begin('then', [edit('a', { text: 'then' })], notes.writer)
  views.place('then', 11)
  views.project('then')
  views.adopt([keptWrite(10, 'first', []), keptWrite(11, 'then', [])])
  expect(notes.shown()).toBe('a=then/- b=b1/-')
})

test('a collection that is gone is told nothing more', () => {
  const { adopt, notes } = opened()
  notes.detach()
  adopt('w', [edit('a', { text: 'mine' })])
  expect(notes.shown()).toBe('a=a1/- b=b1/-')
})
