import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { WireValue } from './cell.ts'
import { utf8Bytes } from './codec.ts'
import { decodeClientFrame } from './decode-client-frame.ts'
import { encodeClientFrame } from './encode-client-frame.ts'
import { FrameError } from './frame-error.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import type { PushItem } from './push-frame.ts'

const { itemsPerPush, opsPerMutation } = DEFAULT_LIMITS

const columns = fc.constantFrom('id', 'text', 'n', '__proto__', 'constructor', '0', '€')
const keys = fc.constantFrom('k', 'l', '', '"', '€')
const values = fc.oneof(
  keys,
  fc.constantFrom<WireValue>(null, true, 1.5, -0, { int: '9007199254740993' }, { json: ['k'] }, { date: 5 }),
)
/** JSON as a parser makes it: every name is a property of its own. */
const row = fc
  .array(fc.tuple(columns, values), { maxLength: 4 })
  .map((cells) =>
    JSON.parse(`{${cells.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)}}`),
  )
const op = fc.record(
  {
    collection: fc.constantFrom('notes', 'tasks', '__proto__'),
    type: fc.constantFrom('insert' as const, 'update' as const, 'delete' as const),
    key: keys,
    cols: row,
  },
  { requiredKeys: ['collection', 'type', 'key'] },
)
const itemOf = (fields: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(
    {
      ...fields,
      cid: fc.constantFrom('a', 'b'),
      n: fc.oneof(fc.nat({ max: 3 }), fc.constant(Number.MAX_SAFE_INTEGER - 1)),
      again: fc.boolean(),
    },
    { requiredKeys: [...Object.keys(fields), 'cid', 'n'] as never[] },
  )
const item = fc.oneof(
  itemOf({ do: fc.constant('mutate'), ops: fc.array(op, { maxLength: 3 }) }),
  itemOf({ do: fc.constant('call'), name: keys, args: fc.jsonValue() }),
  itemOf({ do: fc.constant('skip') }),
) as unknown as fc.Arbitrary<PushItem>
const items = fc.array(item, { maxLength: 8 })

/** As JSON, names in order: what `toEqual` says of a property called `__proto__` is no use. */
const plain = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))
      : each,
  )

const written = (key: string, cols: Record<string, WireValue>, n = 1): PushItem => ({
  cid: 'a',
  n,
  do: 'mutate',
  ops: [{ collection: 'notes', type: 'insert', key, cols }],
})
const encoded = (...items: PushItem[]) => encodeClientFrame({ type: 'push', items })

describe('a push', () => {
  test('says after its way what it said before, whatever its writes are', () => {
    fc.assert(
      fc.property(items, (items) => {
        expect(plain(decodeClientFrame(encoded(...items)))).toBe(
          plain(JSON.parse(JSON.stringify({ type: 'push', items }))),
        )
      }),
      { numRuns: 3000 },
    )
  })

  test('is never longer than its writes by themselves and 200 bytes for each', () => {
    const most = (item: PushItem) => utf8Bytes(JSON.stringify(item)) + 200
    fc.assert(
      fc.property(items, (items) => {
        expect(utf8Bytes(encoded(...items))).toBeLessThanOrEqual(
          items.reduce((sum, each) => sum + most(each), 200),
        )
      }),
      { numRuns: 1000 },
    )
    // Nothing in common but the collection: a form for each operation, and long numbers of them.
    const ops = Array.from({ length: 20_000 }, (_, i) => ({
      collection: 'n',
      type: 'update' as const,
      key: '',
      cols: { [`${i}`]: '' },
    }))
    const unlike: PushItem = { cid: 'a', n: 1, do: 'mutate', ops }
    expect(utf8Bytes(encoded(unlike))).toBeLessThanOrEqual(most(unlike))
  })

  test('says once what its writes have in common, and the key of a row once', () => {
    expect(
      JSON.parse(encoded(written('k', { id: 'k', text: 'x' }), written('l', { id: 'l', text: 'y' }, 2))),
    ).toEqual({
      type: 'push',
      forms: [{ do: 'insert', in: 'notes', key: 'id', cols: ['text'] }],
      runs: [
        {
          cid: 'a',
          n: 1,
          items: [
            [0, 'k', 'x'],
            [0, 'l', 'y'],
          ],
        },
      ],
    })
  })

  test('says each form once, in whatever order its operations come', () => {
    const like = [{ id: 'k', text: 'x' }, { text: 'k' }, { text: 'x', id: 'k' }]
    const items = [0, 1, 2, 0, 1, 2].map((i, n) => written('k', like[i] ?? {}, n + 1))
    const { forms, runs } = JSON.parse(encoded(...items))
    expect(forms).toHaveLength(3)
    expect(runs[0].items.map(([form]: [number]) => form)).toEqual([0, 1, 2, 0, 1, 2])
  })

  test('says a value that is not the key although others in its column are', () => {
    const items = [written('k', { id: 'k', text: 'x' }), written('l', { id: 'm', text: 'y' }, 2)]
    expect(JSON.parse(encoded(...items)).runs[0].items).toEqual([
      [0, 'k', 'x'],
      [1, 'l', 'm', 'y'],
    ])
    expect(decodeClientFrame(encoded(...items))).toEqual({ type: 'push', items })
  })

  test('says nothing of a column that is undefined', () => {
    const cols = { id: 'k', gone: undefined, text: 'x' } as unknown as Record<string, WireValue>
    const items = [written('k', { id: 'k', text: 'w' }), written('l', { ...cols, id: 'l' }, 2)]
    expect(JSON.parse(encoded(...items)).forms).toHaveLength(1)
    expect(decodeClientFrame(encoded(written('k', cols)))).toEqual({
      type: 'push',
      items: [written('k', { id: 'k', text: 'x' })],
    })
  })

  const form = { do: 'insert', in: 'notes', key: 'id', cols: ['text'] }
  const pushed = (item: unknown, forms: unknown[] = [form], n = 1) =>
    JSON.stringify({ type: 'push', forms, runs: [{ cid: 'a', n, items: [[0, 'k', 'x'], item] }] })

  test.each<[string, string, string]>([
    ['a form that it does not have', pushed([1, 'k', 'x']), 'runs[0].items[1] has the form 1, there are 1'],
    ['a form of an endless number', pushed([2 ** 53, 'k']), 'runs[0].items[1][0] must be a whole number'],
    ['half a form', pushed([0.5, 'k', 'x']), 'runs[0].items[1][0] must be a whole number'],
    ['too few values', pushed([0, 'k']), 'runs[0].items[1] has 0 values, its form has 1 columns'],
    ['too many values', pushed([[0, 'k', 1, 2]]), 'runs[0].items[1][0] has 2 values, its form has 1 columns'],
    ['no key', pushed([0]), 'runs[0].items[1][1] must be a string, it is missing'],
    ['a key that is no text', pushed([0, 7, 'x']), 'runs[0].items[1][1] must be a string, it is a number'],
    ['no value at all', pushed([0, 'k', []]), 'runs[0].items[1][2] must be a scalar or a tagged value'],
    [
      'a form that is a text',
      pushed(['0', 'k', 'x']),
      'runs[0].items[1][0] must be an array, it is a string',
    ],
    [
      'operations in a wrong item',
      pushed({ do: 'mutate', ops: [[3, 'k']] }),
      'runs[0].items[1].ops[0] has the form 3',
    ],
    ['an unknown item', pushed({ do: 'undo' }), 'runs[0].items[1].do must be one of mutate, call, skip'],
    ['no item', pushed(null), 'runs[0].items[1] must be an object, it is null'],
    [
      'an unknown operation',
      pushed([0, 'k'], [{ do: 'upsert', in: 'x' }]),
      'forms[0].do must be one of insert',
    ],
    [
      'a column twice',
      pushed([0, 'k', 1, 2], [{ ...form, cols: ['a', 'a'] }]),
      'forms[0].cols names a column twice',
    ],
    [
      'the key twice',
      pushed([0, 'k', 1], [{ ...form, cols: ['id'] }]),
      'forms[0].cols has the column of the key',
    ],
    [
      'numbers beyond all numbers',
      pushed([0, 'k', 'x'], [form], 2 ** 53 - 1),
      'runs[0].n must leave room for 2',
    ],
    [
      'more writes than are allowed',
      JSON.stringify({
        type: 'push',
        forms: [],
        runs: ['a', 'b'].map((cid) => ({ cid, n: 1, items: Array(itemsPerPush / 2 + 1).fill([]) })),
      }),
      `the push has ${itemsPerPush + 2} writes, ${itemsPerPush} are allowed`,
    ],
    ['no forms', '{"type":"push","runs":[]}', 'forms must be an array, it is missing'],
    ['the writes of another protocol', '{"type":"push","items":[]}', 'forms must be an array, it is missing'],
  ])('with %s is refused, and says where it is wrong', (_, text, says) => {
    expect(() => decodeClientFrame(text)).toThrow(FrameError)
    expect(() => decodeClientFrame(text)).toThrow(says)
  })

  test.each<[string, (ops: unknown[]) => unknown, { again?: boolean }]>([
    ['in a list', (ops) => ops, {}],
    ['by its name', (ops) => ({ do: 'mutate', ops, again: true, excess: 'x' }), { again: true }],
  ])('has of a mutation with too many operations their number alone, %s', (_, item, rest) => {
    const ops = (count: number) => Array.from({ length: count }, () => [7, 'k'])
    const numbered = { cid: 'a', n: 2, do: 'mutate', ...rest }
    expect(decodeClientFrame(pushed(item(ops(opsPerMutation + 1))))).toEqual({
      type: 'push',
      items: [written('k', { id: 'k', text: 'x' }), { ...numbered, ops: [], excess: opsPerMutation + 1 }],
    })
    // One that may be is read, to the form that it does not have.
    expect(() => decodeClientFrame(pushed(item(ops(opsPerMutation))))).toThrow('has the form 7, there are 1')
    const two = [
      [0, 'k', 'x'],
      [0, 'l', 'x'],
    ]
    const read = (most: number) =>
      decodeClientFrame(pushed(item(two)), { ...DEFAULT_LIMITS, opsPerMutation: most })
    expect(read(2)).toMatchObject({ items: [{}, { ops: [{ key: 'k' }, { key: 'l' }] }] })
    expect(read(1)).toMatchObject({ items: [{}, { ops: [], excess: 2 }] })
  })

  test('without writes is one', () => {
    expect(decodeClientFrame('{"type":"push","forms":[],"runs":[]}')).toEqual({ type: 'push', items: [] })
    expect(decodeClientFrame('{"type":"push","forms":[],"runs":[{"cid":"a","n":1,"items":[]}]}')).toEqual({
      type: 'push',
      items: [],
    })
  })

  test('loses no column for its name', () => {
    const text = JSON.stringify({
      type: 'push',
      forms: [{ do: 'insert', in: 'notes', key: 'constructor', cols: ['__proto__', 'toString'] }],
      runs: [{ cid: 'a', n: 1, items: [[0, 'k', 1, 2]] }],
    })
    const frame = decodeClientFrame(text)
    const [only] = frame.type === 'push' ? frame.items : []
    const cols = only?.do === 'mutate' ? only.ops[0]?.cols : undefined
    expect(Object.entries(cols ?? {}).sort()).toEqual([
      ['__proto__', 1],
      ['constructor', 'k'],
      ['toString', 2],
    ])
  })
})
