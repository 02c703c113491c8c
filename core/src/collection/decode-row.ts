import { dateOfCell } from '../wire/date-of-cell.ts'
import type { Cell, ColumnKind, Kinds } from '../wire/index.ts'

type CellDecoder = (cell: Cell) => unknown

const bytesOf = (hex: string): Uint8Array => {
  const bytes = new Uint8Array(hex.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

/** A storage value without a kind. An integer that a double cannot hold is never rounded. */
const plain: CellDecoder = (cell) => {
  if (typeof cell !== 'object' || cell === null) return cell
  return 'int' in cell ? BigInt(cell.int) : bytesOf(cell.hex)
}

/** A cell that does not look like its kind is shown as it is stored: a wrong cell must not cost the row. */
const KINDS: Readonly<Record<ColumnKind, CellDecoder>> = {
  boolean: (cell) => (cell === 1 ? true : cell === 0 ? false : plain(cell)),
  date: (cell) => {
    if (typeof cell !== 'number' && typeof cell !== 'string') return plain(cell)
    const date = dateOfCell(cell)
    return Number.isNaN(date.getTime()) ? cell : date
  },
  json: (cell) => {
    if (typeof cell !== 'string') return plain(cell)
    try {
      return JSON.parse(cell)
    } catch {
      return cell
    }
  },
  bigint: (cell) => (typeof cell === 'number' && Number.isInteger(cell) ? BigInt(cell) : plain(cell)),
  bytes: plain,
}

/** Makes rows with the types that the application sees, a fresh object each: TanStack refuses one that it has been given before. */
export function rowDecoder(
  cols: readonly string[],
  kinds: Kinds,
): (cells: readonly Cell[]) => Record<string, unknown> {
  const decoders = cols.map((column) => {
    const kind = Object.hasOwn(kinds, column) ? kinds[column] : undefined
    return kind === undefined ? plain : KINDS[kind]
  })
  // A row begins as a copy of this one: V8 then makes all of them with one shape, instead of column by column.
  const empty: Record<string, unknown> = Object.fromEntries(cols.map((column) => [column, undefined]))
  return (cells) => {
    const row = { ...empty }
    for (let i = 0; i < cols.length; i++) row[cols[i] as string] = decoders[i]?.(cells[i] ?? null)
    return row
  }
}
