/** What one database holds, as a value: a snapshot is a reference, and a transaction that is aborted is forgotten. */

export type Key = number | string | readonly Key[]
export interface Table {
  /** In the order of their keys. */
  readonly records: readonly (readonly [key: Key, value: unknown])[]
  /** The next key that the store gives by itself. */
  readonly next: number
  /** By name, the property that is indexed. */
  readonly indexes: ReadonlyMap<string, { readonly of: string; readonly unique: boolean }>
}
export type Tables = ReadonlyMap<string, Table>

export const EMPTY: Table = { records: [], next: 1, indexes: new Map() }

/** Numbers, then strings, then arrays, as IndexedDB has it. */
export function compareKeys(a: Key, b: Key): number {
  const kind = (key: Key) => (typeof key === 'number' ? 0 : typeof key === 'string' ? 1 : 2)
  if (kind(a) !== kind(b)) return kind(a) - kind(b)
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b ? 0 : a < b ? -1 : 1
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compareKeys(a[i] as Key, b[i] as Key)
    if (order !== 0) return order
  }
  return a.length - b.length
}

/** What is used of `IDBKeyRange`. */
export class KeyRange {
  readonly lower: Key
  readonly upper: Key
  readonly lowerOpen: boolean
  readonly upperOpen: boolean

  constructor(lower: Key, upper: Key, lowerOpen: boolean, upperOpen: boolean) {
    this.lower = lower
    this.upper = upper
    this.lowerOpen = lowerOpen
    this.upperOpen = upperOpen
  }

  static bound(lower: Key, upper: Key, lowerOpen = false, upperOpen = false): KeyRange {
    return new KeyRange(lower, upper, lowerOpen, upperOpen)
  }

  static only(key: Key): KeyRange {
    return new KeyRange(key, key, false, false)
  }
}

export type Wanted = Key | KeyRange | undefined

function isWanted(key: Key, wanted: Wanted): boolean {
  if (wanted === undefined) return true
  if (!(wanted instanceof KeyRange)) return compareKeys(key, wanted) === 0
  const [low, high] = [compareKeys(key, wanted.lower), compareKeys(key, wanted.upper)]
  return (low > 0 || (low === 0 && !wanted.lowerOpen)) && (high < 0 || (high === 0 && !wanted.upperOpen))
}

const tableOf = (tables: Tables, name: string): Table => {
  const table = tables.get(name)
  if (!table) throw new DOMException(`there is no store ${name}`, 'NotFoundError')
  return table
}

export const recordsOf = (tables: Tables, name: string, wanted: Wanted): Table['records'] =>
  tableOf(tables, name).records.filter(([key]) => isWanted(key, wanted))

/** The records whose indexed property is wanted. */
export function recordsBy(tables: Tables, name: string, index: string, wanted: Wanted): Table['records'] {
  const of = tableOf(tables, name).indexes.get(index)?.of ?? ''
  return tableOf(tables, name).records.filter(([, value]) => isWanted(propertyOf(value, of), wanted))
}

const propertyOf = (value: unknown, of: string): Key => Reflect.get(value as object, of) as Key

/**
 * Puts a record. Without a key the store gives one. Returns the tables after it, and the key.
 * @throws DOMException `ConstraintError` when the key, or a unique property, is there already.
 */
export function withRecord(
  tables: Tables,
  name: string,
  { key, value, how }: { key: Key | undefined; value: unknown; how: 'put' | 'add' },
): { tables: Tables; key: Key } {
  const table = tableOf(tables, name)
  const at = key ?? table.next
  const others = table.records.filter(([each]) => compareKeys(each, at) !== 0)
  const isTaken = how === 'add' && others.length < table.records.length
  const clashes = [...table.indexes.values()].some(
    ({ of, unique }) =>
      unique && others.some(([, other]) => compareKeys(propertyOf(other, of), propertyOf(value, of)) === 0),
  )
  if (isTaken || clashes) throw new DOMException('the key is there already', 'ConstraintError')
  const records = [...others, [at, value] as const].sort(([a], [b]) => compareKeys(a, b))
  const next = typeof at === 'number' ? Math.max(table.next, at + 1) : table.next
  return { tables: new Map(tables).set(name, { ...table, records, next }), key: at }
}

export function withoutRecords(tables: Tables, name: string, wanted: Wanted): Tables {
  const table = tableOf(tables, name)
  const records = table.records.filter(([key]) => !isWanted(key, wanted))
  return new Map(tables).set(name, { ...table, records })
}
