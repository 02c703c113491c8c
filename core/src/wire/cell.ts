import { type Misfit, misfit } from './misfit.ts'
import type { Position } from './position.ts'
import { type Infer, json, record, type Shape, struct, text } from './shape.ts'

/**
 * A storage value as it travels from the object: SQLite's own null, text and number, an integer that a double cannot hold as decimal
 * text, and a blob as hex. Column kinds are applied only by the receiver (`ColumnKind`).
 */
export type Cell = null | string | number | { readonly int: string } | { readonly hex: string }

/** A cell of a place, whose JSON is written by JavaScript: that has no word for infinity. SQLite writes a number that parses to it. */
export type PlaceCell = Cell | { readonly num: 'Infinity' | '-Infinity' }

/**
 * An application value as it travels to the object. It describes itself, because a client knows the column kinds only after its first
 * contact, and it must be able to queue writes before. A value that JSON cannot say is an object with exactly one field.
 */
export type WireValue =
  | null
  | string
  | number
  | boolean
  | { readonly int: string }
  | { readonly hex: string }
  | { readonly date: number }
  | { readonly num: 'Infinity' | '-Infinity' }
  | { readonly json: unknown }

/** What a column means to the application, where SQLite has no type for it. A column without a kind is text, number or null. */
export const COLUMN_KINDS = ['boolean', 'date', 'json', 'bigint', 'bytes'] as const
export type ColumnKind = (typeof COLUMN_KINDS)[number]

const CELL_TAGS: readonly string[] = ['int', 'hex']
const PLACE_TAGS: readonly string[] = [...CELL_TAGS, 'num']
const TAGS: readonly string[] = [...PLACE_TAGS, 'date', 'json']
const DECIMAL = /^-?\d{1,19}$/
const HEX = /^(?:[0-9a-fA-F]{2})*$/

/** The one field of a tagged value, or undefined: counted without a list of them, which every such value would make. */
function onlyField(value: object): string | undefined {
  let only: string | undefined
  for (const name in value) {
    if (only !== undefined) return undefined
    only = name
  }
  return only
}

function checkTag(value: object, tags: readonly string[]): Misfit | undefined {
  const tag = onlyField(value)
  if (tag === undefined || !tags.includes(tag))
    return misfit(`must have exactly one of the fields ${tags.join(', ')}`)
  const inner = (value as Record<string, unknown>)[tag]
  const wrong = tagProblem(tag, inner)
  return wrong === undefined ? undefined : misfit(wrong).under(`.${tag}`)
}

function tagProblem(tag: string, inner: unknown): string | undefined {
  if (tag === 'int' && !(typeof inner === 'string' && DECIMAL.test(inner))) return 'must be decimal text'
  if (tag === 'hex' && !(typeof inner === 'string' && HEX.test(inner))) return 'must be hex text'
  if (tag === 'date' && !Number.isSafeInteger(inner)) return 'must be whole milliseconds'
  if (tag === 'num' && inner !== 'Infinity' && inner !== '-Infinity') return 'must be Infinity or -Infinity'
  return undefined
}

const isScalar = (value: unknown) =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

export const wireValue: Shape<WireValue> = {
  form: { wireValue: TAGS },
  check: (value) => {
    if (isScalar(value)) return undefined
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return misfit('must be a scalar or a tagged value')
    return checkTag(value, TAGS)
  },
}

const cellShape = <T extends PlaceCell>(tags: readonly string[]): Shape<T> => ({
  form: { cell: ['null', 'text', 'number', ...tags] },
  check: (value) => {
    if (value === null || typeof value === 'string' || typeof value === 'number') return undefined
    if (typeof value !== 'object' || Array.isArray(value)) return misfit('must be a storage value')
    return checkTag(value, tags)
  },
})

export const cell = cellShape<Cell>(CELL_TAGS)
export const placeCellShape = cellShape<PlaceCell>(PLACE_TAGS)

/** Column name to value, as an operation carries it. */
export const wireValues = record(wireValue)
export type WireValues = Infer<typeof wireValues>

/** Arguments and results of commands: plain JSON. */
export const jsonValue = json()
export const idText = text(128)
export const position = text(128) as unknown as Shape<Position>
export const keyText = text(1_000_000)
export const problem = struct({ code: text(64), message: text(4096) })
