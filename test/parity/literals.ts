import type { WireValue } from '@durable-sync/core/wire'
import type { Dice } from '../soak/dice.ts'

const LONG = 'abcdefghij'.repeat(8)

const TEXTS = [
  '',
  'a',
  'A',
  'abc',
  'ABC',
  'é',
  'É',
  'ß',
  'b',
  '0',
  '1',
  '1.0',
  '01',
  '-5',
  '9007199254740993',
  'null',
  '{"a":1}',
  '2024-01-01T00:00:00.000Z',
  '2024-01-01',
  '\ud7ff',
  LONG,
]
const HARD_TEXTS = [
  'a\u{1f600}',
  'a\u{1f601}',
  '\u{1f600}',
  'a\ue000',
  'a\uffff',
  'a\u{10ffff}',
  // Half a character, which only a client of somebody else's would send.
  'a\ud83d',
  '\udc00',
  'a\0',
  'a\0b',
  '\0',
]
const PATTERNS = [
  '%',
  '%%',
  '_',
  '__',
  'a%',
  'A%',
  '%c',
  '%b%',
  '%BC%',
  'a_c',
  '_b_',
  'a%c',
  'a\\%c',
  '1%',
  '%0',
  '0%0%',
  '%é%',
  'É%',
  'i%',
  '%ß%',
  'ss',
  'σ%',
  '2024-%',
  '%Z',
  '\ud7ff%',
  'a\u{1f600}%',
  'a_',
  'a__',
  'a\ud83d%',
  'a\u{10ffff}%',
  '%\u{1f600}',
  'a\uffff%',
  'a\0%',
  '%\0%',
]
const LONG_PATTERNS = [
  `${LONG}%`,
  `%${LONG}`,
  `${LONG}_`,
  `%${LONG}%`,
  `%a%b%c%d%e%f%g%h%i%j%a%b%c%d%e%f%g%h%i%j%`,
  LONG,
]
const NUMBERS = [
  0,
  1,
  2,
  -5,
  1.5,
  0.1,
  -1,
  1e300,
  2 ** 53,
  -(2 ** 53),
  2 ** 63,
  2 ** 53 - 1,
  1704067200000,
  1704067200000.5,
]
const INTS = [
  '0',
  '1',
  '-5',
  '1704067200000',
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '-9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  // More than 64 bits: what the codec lets through.
  '9999999999999999999',
  '-9999999999999999999',
]
const DATES = [
  0,
  1,
  -1,
  2,
  1704067200000,
  1704067200001,
  Date.parse('1999-12-31T23:59:59.999Z'),
  Date.parse('0000-01-01T00:00:00.000Z'),
  Date.parse('9999-12-31T23:59:59.999Z'),
  Date.parse('+010000-01-01T00:00:00.000Z'),
  Date.parse('-000001-01-01T00:00:00.000Z'),
  Date.parse('2024-03-01T00:00:00.000Z'),
  8640000000000000,
]

const LITERALS = {
  null: [null],
  text: TEXTS,
  'text that sorts differently': HARD_TEXTS,
  number: NUMBERS,
  infinity: [{ num: 'Infinity' }, { num: '-Infinity' }],
  bigint: INTS.map((int) => ({ int })),
  boolean: [true, false],
  date: DATES.map((date) => ({ date })),
  bytes: ['', '00', '61', '616263', 'ff', 'FF'].map((hex) => ({ hex })),
  json: [{ json: { a: 1 } }, { json: [1] }],
  pattern: PATTERNS,
  'long pattern': LONG_PATTERNS,
} as const satisfies Record<string, readonly WireValue[]>

/** `various`: of a tree, whose literals are of several cases. */
export type LiteralCase = keyof typeof LITERALS | 'list' | 'list of 500' | 'no literal' | 'various'
type Single = keyof typeof LITERALS

export const VALUE_CASES: readonly Single[] = [
  'null',
  'text',
  'text that sorts differently',
  'number',
  'infinity',
  'bigint',
  'boolean',
  'date',
  'bytes',
  'json',
]
export const PATTERN_CASES: readonly Single[] = ['null', 'text', 'number', 'pattern', 'long pattern']

export const literal = (dice: Dice, of: Single): WireValue => dice.pick<WireValue>(LITERALS[of])

const LISTED: readonly Single[] = VALUE_CASES

/** Values of a list, which may mix types and have null. */
export const shortList = (dice: Dice): WireValue[] => {
  const of = dice.chance(0.5) ? [dice.pick(LISTED)] : LISTED
  return Array.from({ length: dice.between(0, 12) }, () => literal(dice, dice.pick(of)))
}

/** Few of its values are anywhere: the rest makes it long. */
export const longList = (dice: Dice): WireValue[] => {
  const rest = dice.pick<(i: number) => WireValue>([
    (i) => `none ${i}`,
    (i) => 1_000_000 + i,
    (i) => ({ int: String(2n ** 60n + BigInt(i)) }),
    (i) => ({ date: 1_000_000 + i }),
    (i) => i + 0.25,
    (i) => ({ hex: (0x100000 + i).toString(16) }),
  ])
  return dice.shuffled([...shortList(dice), ...Array.from({ length: 500 }, (_, i) => rest(i))])
}
