import type { ColumnKind, OrderTerm, Predicate } from '@durable-sync/core/wire'
import type { Dice } from '../soak/dice.ts'
import { STORED_VALUES } from './stored-values.ts'

interface OrderedColumn {
  readonly declaration: string
  readonly kind?: ColumnKind
  /** What it holds, as SQL. Few values make many ties. */
  readonly values: readonly string[]
  /** Whether all its values are of one type, so that TanStack DB has an order for them. */
  readonly isOfOneType: boolean
}

const everything = STORED_VALUES.map(({ sql }) => sql)

const COLUMNS: Readonly<Record<string, OrderedColumn>> = {
  votes: { declaration: 'INTEGER NOT NULL', values: ['0', '1', '2', '-3', '40'], isOfOneType: true },
  score: {
    declaration: 'REAL',
    values: ['NULL', '0.5', '-0.0', '0', '1e300', '9e999', '-9e999', '7'],
    isOfOneType: true,
  },
  title: {
    declaration: 'TEXT',
    values: ['NULL', `''`, `'a'`, `'A'`, `'ab'`, `'é'`, `'z'`, `'日本'`, `'\ud7ff'`],
    isOfOneType: true,
  },
  nocase: {
    declaration: 'TEXT COLLATE NOCASE',
    values: [`'a'`, `'A'`, `'b'`, `'B'`, `'ab'`, `'AB'`, 'NULL'],
    isOfOneType: true,
  },
  astral: {
    declaration: 'TEXT',
    values: [
      `'\u{1f600}'`,
      `'\u{10ffff}'`,
      `'\ue000'`,
      `'\uffff'`,
      `'a'`,
      `'\ud7ff'`,
      `'a' || char(0)`,
      `'a' || char(0) || 'b'`,
    ],
    isOfOneType: false,
  },
  done: { declaration: 'INTEGER', kind: 'boolean', values: ['0', '1', 'NULL'], isOfOneType: true },
  due: {
    declaration: 'INTEGER',
    kind: 'date',
    values: ['NULL', '0', '-1', '1704067200000'],
    isOfOneType: true,
  },
  due_text: {
    declaration: 'TEXT',
    kind: 'date',
    values: [`'2024-01-01T00:00:00.000Z'`, `'1999-12-31T23:59:59.999Z'`, `'2024-01-01T00:00:00.001Z'`],
    isOfOneType: true,
  },
  big: {
    declaration: 'INTEGER',
    kind: 'bigint',
    values: [
      'NULL',
      '5',
      '9007199254740992',
      '9007199254740993',
      '9007199254740994',
      '-9223372036854775808',
      '9223372036854775807',
    ],
    isOfOneType: true,
  },
  plain_big: {
    declaration: 'NUMERIC',
    values: ['9007199254740991', '9007199254740992', '9007199254740993', '9007199254740992.5', '1', 'NULL'],
    isOfOneType: false,
  },
  mixed: { declaration: '', values: everything, isOfOneType: false },
}

export const orderedColumns = Object.keys(COLUMNS)

export const orderedKinds: Readonly<Record<string, ColumnKind>> = Object.fromEntries(
  Object.entries(COLUMNS).flatMap(([name, { kind }]) => (kind ? [[name, kind]] : [])),
)

const ROWS = 90

/** Statements that make a random table, whose keys begin with one of `beginnings`. What indexes it has is chance as well. */
export function orderedStatements(dice: Dice, table: string, beginnings: readonly string[]): string[] {
  const declared = Object.entries(COLUMNS).map(([name, { declaration }]) => `${name} ${declaration}`)
  const direction = () => dice.pick(['', ' DESC'])
  const index = (i: number) => {
    const some = dice.shuffled(orderedColumns).slice(0, dice.between(1, 3))
    const terms = [...some.map((name) => name + direction()), ...(dice.chance(0.5) ? ['id'] : [])]
    return `CREATE INDEX ${table}_${i} ON ${table} (${terms.join(', ')})`
  }
  const keys = dice.shuffled(Array.from({ length: ROWS }, (_, i) => `${dice.pick(beginnings)}${i}`))
  const row = (key: string) =>
    [`'${key}'`, ...Object.values(COLUMNS).map(({ values }) => dice.pick(values))].join(', ')
  return [
    `CREATE TABLE ${table} (id TEXT PRIMARY KEY, ${declared.join(', ')})${dice.pick(['', ' WITHOUT ROWID'])}`,
    ...keys.map((key) => `INSERT INTO ${table} VALUES (${row(key)})`),
    ...Array.from({ length: dice.between(0, 8) }, (_, i) => index(i)),
  ]
}

/** Up to three terms. `ofOneType`: only columns that TanStack DB has an order for. */
export function randomOrder(dice: Dice, ofOneType = false): OrderTerm[] {
  const names = orderedColumns.filter((name) => !ofOneType || COLUMNS[name]?.isOfOneType)
  return dice
    .shuffled(names)
    .slice(0, dice.between(1, 3))
    .map((column) => ({
      column,
      descending: dice.chance(0.5),
      nulls: dice.pick(['first', 'last'] as const),
      text: 'binary' as const,
    }))
}

/** A filter that SQL says exactly, one that it does not, or none. */
export function randomWhere(dice: Dice): Predicate | null {
  return dice.pick<Predicate | null>([
    null,
    null,
    { op: 'gt', column: 'votes', value: dice.between(-4, 3) },
    { op: 'in', column: 'title', values: ['a', 'z', ''] },
    { op: 'ilike', column: 'nocase', value: 'a%' },
    { op: 'not', of: { op: 'ilike', column: 'title', value: '%A%' } },
    { op: 'gte', column: 'due_text', value: { date: 1704067200000 } },
    { op: 'isNull', column: 'done' },
    { op: 'like', column: 'mixed', value: '%_1%' },
    {
      op: 'or',
      of: [
        { op: 'eq', column: 'done', value: true },
        { op: 'lt', column: 'astral', value: '\u{1f600}' },
      ],
    },
  ])
}
