import { expect, test } from 'vitest'
import type { StoredShape } from '../persistence/room-storage.ts'
import type { HeldFrom } from '../stream/stream-event.ts'
import type { Place, Position } from '../wire/index.ts'
import { resumption } from './resume-rows.ts'

const at = (seq: number) => `${seq}.n.o` as Position

const kept = (seq: number, boundary?: Place | null): StoredShape => ({
  key: 'notes/1',
  spec: { collection: 'notes' },
  token: 't',
  keyColumn: 'id',
  kinds: {},
  onDemand: false,
  position: at(seq),
  boundary,
  blocks: [],
  usedAt: 0,
})

const shown = (seq: number, boundary?: Place | null): HeldFrom => ({
  since: { position: at(seq), window: boundary === undefined ? null : { boundary, held: 3 } },
  rows: { shape: 't', key: 'id', kinds: {} },
})

test('where nothing is shown, what is kept is shown', () => {
  expect(resumption(null, kept(5))).toEqual({ from: 'shown', shape: kept(5) })
})

test('where nothing is kept, what is shown goes on, and where neither is, everything comes from the server', () => {
  expect(resumption(shown(5), undefined)).toEqual({ from: 'memory', held: shown(5) })
  expect(resumption(null, undefined)).toEqual({ from: 'anew' })
})

test('where both are at one place, what is shown goes on, and is kept', () => {
  expect(resumption(shown(5), kept(5))).toEqual({ from: 'same', held: shown(5) })
  expect(resumption(shown(5, ['x']), kept(5, ['x']))).toEqual({ from: 'same', held: shown(5, ['x']) })
  expect(resumption(shown(5, null), kept(5, null))).toEqual({ from: 'same', held: shown(5, null) })
})

test.each([
  ['is behind', shown(5), kept(3)],
  ['is ahead', shown(3), kept(5)],
  ['is of another history', shown(5), { ...kept(5), position: '5.m.o' as Position }],
  ['ends elsewhere', shown(5, ['y']), kept(5, ['x'])],
  ['has no end', shown(5, ['y']), kept(5, null)],
  ['lies under it already', { ...shown(5), under: [] }, kept(5)],
])(
  'rows and position are taken from one place: what is kept and %s lies under what is shown',
  (_, held, shape) => {
    expect(resumption(held, shape)).toEqual({ from: 'under', shape })
  },
)
