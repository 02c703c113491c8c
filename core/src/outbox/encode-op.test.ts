import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rowDecoder } from '../collection/decode-row.ts'
import { ProtocolError } from '../errors.ts'
import { type Cell, decodeClientFrame, encodeClientFrame, type WireValue } from '../wire/index.ts'
import { encodeColumn } from './encode-column.ts'
import { encodeOp, type MutationLike } from './encode-op.ts'

const mutation = (type: MutationLike['type'], key: unknown, modified: object, changes: object = modified) =>
  encodeOp('todos', { type, key, original: {}, modified, changes })

describe('an operation', () => {
  it('of an insert carries the row, without what is undefined or virtual', () => {
    const row = { id: 'a', title: 'A', note: undefined, $synced: false, $key: 'a' }
    expect(mutation('insert', 'a', row)).toEqual({
      collection: 'todos',
      type: 'insert',
      key: 'a',
      cols: { id: 'a', title: 'A' },
    })
  })

  it('of an update carries the changed columns only, with null for what was removed', () => {
    const op = mutation(
      'update',
      'a',
      { id: 'a', title: 'B', note: undefined },
      { title: 'B', note: undefined },
    )
    expect(op.cols).toEqual({ title: 'B', note: null })
  })

  it('of a delete carries the key', () => {
    expect(mutation('delete', 'a', { id: 'a' })).toEqual({ collection: 'todos', type: 'delete', key: 'a' })
  })

  it.each([[''], [1], [undefined], [null]])('is refused for the key %j', (key) => {
    expect(() => mutation('insert', key, {})).toThrow(expect.objectContaining({ code: 'key-invalid' }))
  })

  it('is refused for a key with half a surrogate pair', () => {
    expect(() => mutation('delete', 'a\ud800', {})).toThrow(
      expect.objectContaining({ code: 'value-invalid' }),
    )
  })
})

describe('a value', () => {
  it.each<[string, unknown, WireValue]>([
    ['a boolean', true, true],
    ['text with an emoji', '🙂', '🙂'],
    ['null', null, null],
    ['a Date', new Date(5), { date: 5 }],
    ['a bigint', -(2n ** 63n), { int: '-9223372036854775808' }],
    ['bytes', new Uint8Array([0, 255, 16]), { hex: '00ff10' }],
    ['a part of a buffer', new Uint8Array([1, 2, 3]).subarray(1, 2), { hex: '02' }],
    ['a buffer', new Uint8Array([7]).buffer, { hex: '07' }],
    ['infinity', Number.NEGATIVE_INFINITY, { num: '-Infinity' }],
    [
      'an object',
      { a: [1, { b: null }], gone: undefined },
      { json: { a: [1, { b: null }], gone: undefined } },
    ],
    ['an array', ['x'], { json: ['x'] }],
  ])('%s travels and passes the check of the wire', (_, value, expected) => {
    const wire = encodeColumn(value, 'c')
    expect(wire).toEqual(expected)
    const op = { collection: 't', type: 'insert', key: 'k', cols: { c: wire } } as const
    const frame = { type: 'push', items: [{ cid: 'c', n: 1, do: 'mutate', ops: [op] }] } as const
    expect(() => decodeClientFrame(encodeClientFrame(frame))).not.toThrow()
  })

  const cycle: unknown[] = []
  cycle.push(cycle)
  it.each<[string, unknown]>([
    ['NaN', Number.NaN],
    ['an invalid Date', new Date(Number.NaN)],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['half a surrogate pair', 'a\ud83d'],
    ['a bigint of more than 64 bits', 2n ** 63n],
    ['a Map', new Map()],
    ['JSON with a Date in it', { at: new Date(0) }],
    ['JSON with NaN in it', [Number.NaN]],
    ['JSON that contains itself', cycle],
  ])('%s is refused by the name of its column', (_, value) => {
    expect(() => encodeColumn(value, 'title')).toThrow(ProtocolError)
    expect(() => encodeColumn(value, 'title')).toThrow(/"title"/)
  })
})

describe('a row', () => {
  const kinds = { done: 'boolean', due: 'date', meta: 'json', views: 'bigint', avatar: 'bytes' } as const
  const cols = Object.keys(kinds)

  it('comes back with the types of its column kinds', () => {
    const decode = rowDecoder([...cols, 'text'], kinds)
    expect(decode([1, 5, '{"a":1}', 7, { hex: '00ff' }, 'x'])).toEqual({
      done: true,
      due: new Date(5),
      meta: { a: 1 },
      views: 7n,
      avatar: new Uint8Array([0, 255]),
      text: 'x',
    })
    expect(decode([0, '2024-01-02T03:04:05.000Z', null, { int: '9007199254740993' }, null, null])).toEqual({
      done: false,
      due: new Date('2024-01-02T03:04:05.000Z'),
      meta: null,
      views: 9007199254740993n,
      avatar: null,
      text: null,
    })
  })

  it('keeps a cell that does not look like its kind, and never rounds an integer', () => {
    const decode = rowDecoder(['done', 'due', 'meta', 'views', 'plain'], kinds)
    expect(decode([2, 'soon', '{', 'x', { int: '9007199254740993' }])).toEqual({
      done: 2,
      due: 'soon',
      meta: '{',
      views: 'x',
      plain: 9007199254740993n,
    })
  })

  it('is a fresh object each time', () => {
    const decode = rowDecoder(['done'], kinds)
    expect(decode([1])).not.toBe(decode([1]))
  })

  it('of any values is the same after a round trip through the wire and a store that keeps storage values', () => {
    const stored = (value: WireValue): Cell => {
      if (typeof value === 'boolean') return value ? 1 : 0
      if (value === null || typeof value !== 'object') return value
      if ('date' in value) return value.date
      if ('json' in value) return JSON.stringify(value.json)
      return 'num' in value ? Number(value.num) : value
    }
    const rows = fc.record({
      done: fc.boolean(),
      due: fc.date({ noInvalidDate: true }),
      meta: fc.dictionary(fc.string(), fc.jsonValue({ noUnicodeString: false })),
      views: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      avatar: fc.uint8Array(),
    })
    fc.assert(
      fc.property(rows, (row) => {
        const { cols: wire = {} } = mutation('insert', 'k', row)
        const cells = cols.map((column) => stored(wire[column] ?? null))
        const back = rowDecoder(cols, kinds)(cells)
        expect(back).toEqual({ ...row, meta: JSON.parse(JSON.stringify(row.meta)) })
      }),
    )
  }, 120_000)
})
