import { expect, test } from 'vitest'
import { PendingRows } from './pending-rows.ts'
import { edit, insert, type NoteRow, note, shownRows } from './testing/shown-rows.ts'
import { valuesMatcher } from './values-matcher.ts'

const nothing = () => null

test('a row that nobody holds any more is kept while something is pending of it, and goes with the last', () => {
  const { views, collection, adopt } = shownRows()
  const notes = collection()
  notes.frame([note('a', 'a1')])
  adopt('w1', [edit('a', { text: '1' })])
  adopt('w2', [edit('a', { by: '2' })])
  notes.writer.remove(['a'])
  expect(notes.shown()).toBe('a=1/2')
  notes.frame([note('a', 'a2')])
  views.settle(['w1'])
  expect(notes.shown()).toBe('a=a2/2')
  notes.writer.remove(['a'])
  adopt('w3', [edit('a', { text: '3' })])
  expect(notes.shown()).toBe('a=3/2')
  views.settle(['w3'])
  expect(notes.shown()).toBe('a=a2/2')
  views.settle(['w2'])
  expect(notes.shown()).toBe('')
})

test('a row that nobody holds is shown as it was before the write, until the server says that it is nowhere', () => {
  const { collection, adopt } = shownRows()
  const notes = collection()
  notes.writer.ready()
  adopt('w', [edit('a', { text: 'mine' })], [note('a', 'a1', 'them')])
  expect(notes.shown()).toBe('a=mine/them')
  notes.frame([note('b', 'b1')], { set: 'all' })
  expect(notes.shown()).toBe('b=b1/-')
})

test('a row that would be held if the server had it is not shown again for the sake of a write, whatever it was before', () => {
  const { collection, adopt } = shownRows()
  const notes = collection()
  notes.frame([note('b', 'b1')], { set: 'all' })
  adopt('w', [edit('a', { text: 'mine' })], [note('a', 'a1')])
  expect(notes.shown()).toBe('b=b1/-')
})

test('rows of a part of the table say nothing of the others', () => {
  const { collection, adopt } = shownRows()
  const notes = collection()
  notes.writer.ready()
  adopt('w', [edit('a', { text: 'mine' })], [note('a', 'a1')])
  notes.frame([note('b', 'b1')])
  expect(notes.shown()).toBe('a=mine/- b=b1/-')
})

test('what pending writes make of a row is shown only where it belongs to the filter', () => {
  const { views, collection, adopt } = shownRows()
  const mine = collection()
  mine.pending.limitTo({ op: 'eq', column: 'by', value: 'me' })
  mine.frame([note('a', 'a1', 'me')])
  adopt('away', [edit('a', { by: 'them' })])
  adopt('elsewhere', [insert('b', 'b1')])
  adopt('into', [edit('c', { by: 'me' })], [note('c', 'c1', 'them')])
  expect(mine.shown()).toBe('c=c1/me')
  views.settle(['away'])
  expect(mine.shown()).toBe('a=a1/me c=c1/me')
})

test('a row that leaves the filter under a write that brings it back stays, as the frame has it', () => {
  const { collection, adopt } = shownRows()
  const mine = collection()
  mine.pending.limitTo({ op: 'eq', column: 'by', value: 'me' })
  mine.frame([note('a', 'a1', 'me')])
  adopt('w', [edit('a', { by: 'me' })])
  mine.frame([], { del: ['a'], left: [note('a', 'a2', 'them')] })
  expect(mine.shown()).toBe('a=a2/me')
  mine.frame([], { left: [note('a', 'a3', 'them')] })
  expect(mine.shown()).toBe('a=a3/me')
})

test('a row that some subset holds is what that was told, whatever a frame says of others', () => {
  const { collection, adopt } = shownRows()
  const notes = collection()
  notes.frame([note('a', 'a1')])
  adopt('w', [edit('a', { by: 'me' })])
  notes.frame([], { left: [note('a', 'none of it')] })
  expect(notes.shown()).toBe('a=a1/me')
})

test('a settled write of which TanStack DB has shown everything leaves nothing to say', () => {
  const rows = new PendingRows<NoteRow>()
  rows.accept('a', note('a', 'a1'))
  rows.add({ id: 'w', place: 0 }, [{ type: 'update', key: 'a', cols: { by: 'me' } }], 'transaction', nothing)
  expect(rows.settle('w')).toEqual(new Map())
  expect([rows.isEmpty, rows.knows('w')]).toEqual([true, false])
})

test('values of every kind are matched as the server will match them', () => {
  const row = {
    id: 'a',
    done: true,
    due: new Date(5),
    meta: { deep: 1 },
    views: 9007199254740993n,
    avatar: Uint8Array.of(1, 255),
    rank: Number.POSITIVE_INFINITY,
    none: null,
  }
  const is = (column: string, value: Parameters<typeof literal>[1]) =>
    valuesMatcher(literal(column, value))(row)
  expect(is('done', true)).toBe(true)
  expect(is('done', false)).toBe(false)
  expect(is('due', { date: 5 })).toBe(true)
  expect(is('due', { date: 6 })).toBe(false)
  expect(is('views', { int: '9007199254740993' })).toBe(true)
  expect(is('views', { int: '9007199254740992' })).toBe(false)
  expect(is('avatar', { hex: '01FF' })).toBe(true)
  expect(is('rank', { num: 'Infinity' })).toBe(true)
  expect(is('none', 'x')).toBe(false)
  // A document equals nothing, as for TanStack DB.
  expect(is('meta', { json: { deep: 1 } })).toBe(false)
  // Its default is for the server to know.
  expect(is('missing', 'x')).toBe(true)
})

const literal = (
  column: string,
  value:
    | string
    | boolean
    | { date: number }
    | { int: string }
    | { hex: string }
    | { num: 'Infinity' }
    | { json: unknown },
) => ({ op: 'eq', column, value }) as const
