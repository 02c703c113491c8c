import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { utf8Bytes } from './codec.ts'
import { decodeClientFrame } from './decode-client-frame.ts'
import { decodeServerFrame } from './decode-server-frame.ts'
import { encodeClientFrame } from './encode-client-frame.ts'
import { encodeServerFrame } from './encode-server-frame.ts'
import { FrameError } from './frame-error.ts'
import type { ClientFrame, ServerFrame } from './index.ts'
import { formatPosition, parsePosition } from './position.ts'

const at = formatPosition({ seq: 7, nonce: 'abc', object: 'f00d' })

const clientFrames: readonly ClientFrame[] = [
  {
    type: 'hello',
    v: 1,
    client: 'c',
    cids: [{ cid: 'a', seen: 3 }],
    at,
    subs: [{ id: 1, collection: 'messages', joined: true, shape: 's' }],
  },
  { type: 'open', cids: [{ cid: 'b', seen: 0 }] },
  { type: 'retire', cids: ['b'] },
  { type: 'seen', cids: [{ cid: 'b', seen: 9 }] },
  {
    type: 'join',
    sub: 1,
    join: 2,
    collection: 'tasks',
    where: {
      op: 'and',
      of: [
        { op: 'eq', column: 'done', value: false },
        { op: 'not', of: { op: 'isNull', column: 'x' } },
      ],
    },
    window: { order: [{ column: 'at', descending: true, nulls: 'first', text: 'binary' }], limit: 50 },
    p0: at,
    after: 'k',
  },
  { type: 'leave', sub: 1 },
  {
    type: 'push',
    items: [
      {
        cid: 'a',
        n: 1,
        do: 'mutate',
        ops: [
          {
            collection: 'tasks',
            type: 'insert',
            key: 'k',
            cols: {
              a: null,
              b: 'x',
              c: 1.5,
              d: true,
              e: { int: '-9' },
              f: { hex: '00ff' },
              g: { date: 5 },
              h: { json: [1] },
              i: { num: 'Infinity' },
            },
          },
        ],
      },
      { cid: 'a', n: 2, do: 'call', name: 'clear', args: { deep: [null] }, again: true },
      { cid: 'a', n: 3, do: 'skip' },
    ],
  },
  { type: 'page', request: 1, sub: 1, after: ['x', 'k'], limit: 20 },
  { type: 'narrow', sub: 1, boundary: ['x', 'k'] },
  { type: 'auth', token: 't' },
  { type: 'ack', bytes: 1 },
  { type: 'ephemeral', topic: 'cursor', data: { x: 1 } },
]

const serverFrames: readonly ServerFrame[] = [
  {
    type: 'changes',
    from: null,
    to: at,
    live: true,
    tables: { messages: { cols: ['id', 'n'], up: [['k', { int: '9007199254740993' }]], del: ['gone'] } },
    settled: [
      { cid: 'a', n: 1, outcome: { is: 'committed', result: 4 } },
      { cid: 'a', n: 2, outcome: { is: 'rejected', code: 'denied', message: 'no' } },
      { cid: 'a', n: 3, outcome: { is: 'skipped' } },
    ],
  },
  { type: 'chunk', join: 2, cols: ['id'], up: [['k']], del: [] },
  { type: 'next', join: 2, p0: at, read: at, shape: 's', after: 'k' },
  { type: 'joined', join: 2, at, replace: true, shape: 's', key: 'id', kinds: { done: 'boolean' } },
  { type: 'restart', sub: 1, reason: 'shape' },
  { type: 'refused', re: 'push', cid: 'a', n: 4, code: 'gap', message: 'm', expected: 2 },
  { type: 'refused', re: 'frame', code: 'frame-invalid', message: 'm' },
  { type: 'goodbye', code: 4401, message: 'm' },
  { type: 'authed' },
]

describe('the codec', () => {
  test.each(clientFrames.map((frame) => [frame.type, frame] as const))(
    'reads back its own %s',
    (_type, frame) => {
      expect(decodeClientFrame(encodeClientFrame(frame))).toEqual(frame)
    },
  )

  test.each(serverFrames.map((frame) => [frame.type, frame] as const))(
    'reads back the server frame %s',
    (_type, frame) => {
      expect(decodeServerFrame(encodeServerFrame(frame))).toEqual(frame)
    },
  )

  test('names the field that is wrong, however deep it is', () => {
    const broken = (frame: unknown) => () => decodeClientFrame(JSON.stringify(frame))
    expect(broken({ type: 'leave' })).toThrow('sub must be a whole number of at least 0, it is missing')
    expect(broken({ type: 'leave', sub: -1 })).toThrow('sub must be a whole number')
    expect(
      broken({
        type: 'push',
        forms: [{ do: 'insert', in: 'x', cols: ['a'] }],
        runs: [{ cid: 'a', n: 1, items: [[[0, 'k', { date: 'x' }]]] }],
      }),
    ).toThrow('runs[0].items[0][0][2].date must be whole milliseconds')
    expect(
      broken({
        type: 'join',
        sub: 1,
        join: 1,
        collection: 'x',
        where: { op: 'eq', column: 'a', value: { date: 'x' } },
      }),
    ).toThrow('where.value.date must be whole milliseconds')
    const cells = {
      type: 'changes',
      from: null,
      to: at,
      tables: { 'a.b': { cols: ['id'], up: [['k', []]], del: [] } },
    }
    expect(() => decodeServerFrame(JSON.stringify(cells))).toThrow(
      /^tables\.a\.b\.up\[0\]\[1\] must be a storage value$/,
    )
    expect(broken({ type: 'constructor' })).toThrow('type must be one of hello')
    expect(() => decodeClientFrame('{')).toThrow(FrameError)
    expect(() => decodeClientFrame('null')).toThrow('the frame must be an object, it is null')
  })

  test('refuses a predicate that is nested deeper than its stack can bear', () => {
    const depth = 50_000
    const where = `${'{"op":"not","of":'.repeat(depth)}{"op":"always"}${'}'.repeat(depth)}`
    expect(() =>
      decodeClientFrame(`{"type":"join","sub":1,"join":1,"collection":"x","where":${where}}`),
    ).toThrow('nested deeper than 64')
  })

  test('does not take inherited properties for fields', () => {
    expect(() => decodeClientFrame('{"__proto__":{"type":"leave","sub":1}}')).toThrow('type must be one of')
  })

  test('throws nothing but FrameError, whatever the text is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          decodeClientFrame(text)
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError)
        }
      }),
    )
  })
})

test('utf8Bytes counts what an encoder would write', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (a, b) => {
      expect(utf8Bytes(a + b)).toBe(new TextEncoder().encode(a + b).length)
    }),
  )
})

test('a position reads back its parts, and no other text is a position', () => {
  expect(parsePosition(at)).toEqual({ seq: 7, nonce: 'abc', object: 'f00d' })
  for (const text of ['', '7', '7.abc', '7.ABC.f00d', '-7.abc.f00d', '99999999999999999.a.b', '7.abc.f00d.x'])
    expect(parsePosition(text)).toBeNull()
})
