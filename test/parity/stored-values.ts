import type { Cell } from '@durable-sync/core/wire'

/** An SQL expression of what is stored; the column's affinity may make something else of it. */
export interface StoredValue {
  readonly sql: string
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

const long = 'abcdefghij'.repeat(8)

const TEXTS: readonly string[] = [
  '',
  ' ',
  'a',
  'A',
  'ab',
  'abc',
  'ABC',
  'abd',
  'b',
  'a%c',
  'a_c',
  '%',
  `it's`,
  'é',
  'É',
  'e\u0301',
  'ß',
  'SS',
  'İstanbul',
  'ıstanbul',
  'Σας',
  '日本語',
  '\ud7ff',
  'a\u{1f600}',
  'a\u{1f600}b',
  'a\u{1f601}',
  'a\u{10ffff}',
  'a\ue000',
  'a\ue000b',
  'a\uffff',
  'a\ufffdz',
  long,
  `${long}k`,
  `x${long}`,
  '0',
  '1',
  '1.0',
  '01',
  ' 1',
  '1e3',
  '-5',
  '0x10',
  '9007199254740993',
  '99999999999999999999',
  'Infinity',
  'null',
  'true',
  '{"a":1}',
  '[1]',
  '"abc"',
  '1704067200000',
  '2024-01-01T00:00:00.000Z',
  '2024-01-01T00:00:00.001Z',
  '2024-01-01T00:00:00Z',
  '2024-01-01',
  '2024-01-01T01:00:00.000+01:00',
  '2023-12-31T24:00:00.000Z',
  '2024-02-30T00:00:00.000Z',
  '1999-12-31T23:59:59.999Z',
  '0000-01-01T00:00:00.000Z',
  '9999-12-31T23:59:59.999Z',
  '+010000-01-01T00:00:00.000Z',
  '-000001-01-01T00:00:00.000Z',
  'Mon, 01 Jan 2024 00:00:00 GMT',
]

/** What tables hold: everything that SQLite distinguishes and JavaScript does not, and the other way round. */
export const STORED_VALUES: readonly StoredValue[] = [
  'NULL',
  ...TEXTS.map(quoted),
  `'a' || char(0)`,
  `'a' || char(0) || 'b'`,
  '0',
  '1',
  '2',
  '-5',
  '1.5',
  '0.1',
  '-0.0',
  '1e300',
  '9e999',
  '-9e999',
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '-9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  '9223372036854775807.0',
  '9007199254740992.0',
  '1704067200000',
  '1704067200000.5',
  '1704067200001',
  '-1',
  '8640000000000001',
  `x''`,
  `x'00'`,
  `x'61'`,
  `x'616263'`,
  `x'FF'`,
].map((sql) => ({ sql }))

/** What a stored cell is, for the table of what was compared. */
export const CELL_CASES = [
  'null',
  'empty text',
  'numeric text',
  'date text',
  'astral text',
  'text U+E000..U+FFFF',
  'text with NUL',
  'long text',
  'other text',
  'number',
  'big integer',
  'infinity',
  'blob',
] as const
export type CellCase = (typeof CELL_CASES)[number]

export function cellCase(cell: Cell): CellCase {
  if (cell === null) return 'null'
  if (typeof cell === 'object') return 'int' in cell ? 'big integer' : 'blob'
  if (typeof cell === 'number') return Number.isFinite(cell) ? 'number' : 'infinity'
  if (cell === '') return 'empty text'
  if (cell.includes('\0')) return 'text with NUL'
  if (/[\u{10000}-\u{10ffff}]/u.test(cell)) return 'astral text'
  if (/[\ue000-\uffff]/.test(cell)) return 'text U+E000..U+FFFF'
  if (cell.length > 50) return 'long text'
  if (Number.isFinite(Number(cell))) return 'numeric text'
  return Number.isNaN(Date.parse(cell)) ? 'other text' : 'date text'
}
