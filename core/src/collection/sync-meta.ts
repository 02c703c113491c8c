import { ProtocolError } from '../errors.ts'
import { encodeRow } from '../outbox/encode-op.ts'
import type { StoredShape } from '../persistence/room-storage.ts'
import { shapeKey } from '../stream/shape-key.ts'
import { COLUMN_KINDS } from '../wire/cell.ts'
import type { Block, Cell, ColumnKind, Kinds, Position, SubscriptionSpec, WireValue } from '../wire/index.ts'
import { parsePosition } from '../wire/position.ts'
import { storedCell } from '../wire/stored-cell.ts'
import { PROTOCOL_VERSION } from '../wire/version.ts'

/**
 * What TanStack DB's `DbClient` carries beside the rows from the server to the browser: where the rows are. Without a place they are shown until
 * the server has answered.
 */
export interface SyncMeta {
  readonly v: number
  readonly place: RowsPlace | null
}

interface RowsPlace {
  /** `shapeKey` of what they are the rows of. */
  readonly of: string
  readonly at: Position
  readonly shape: string
  readonly key: string
  readonly kinds: Kinds
}

export const NOWHERE: SyncMeta = { v: PROTOCOL_VERSION, place: null }

export const metaOf = ({ key, position, token, keyColumn, kinds }: StoredShape): SyncMeta => ({
  v: PROTOCOL_VERSION,
  place: { of: key, at: position, shape: token, key: keyColumn, kinds },
})

/** @throws ProtocolError `snapshot-invalid` when it is none. */
export function syncMetaOf(given: unknown): SyncMeta {
  const { v, place } = (typeof given === 'object' && given !== null ? given : {}) as Partial<SyncMeta>
  if (v !== PROTOCOL_VERSION) return invalid(`it is of version ${String(v)}`)
  if (place === null) return NOWHERE
  if (typeof place !== 'object') return invalid('it has no place')
  const { of, at, shape, key, kinds } = place as Partial<RowsPlace>
  const isText = [of, at, shape, key].every((text) => typeof text === 'string')
  if (!isText || !parsePosition(at as Position) || !isKinds(kinds)) return invalid('its place is none')
  return { v, place }
}

const isKinds = (given: unknown): given is Kinds =>
  typeof given === 'object' &&
  given !== null &&
  Object.values(given).every((kind: ColumnKind) => COLUMN_KINDS.includes(kind))

const invalid = (why: string): never => {
  throw new ProtocolError(
    'snapshot-invalid',
    `What came with the page does not say where its rows are: ${why}`,
  )
}

/** Rows of both: they are where the older ones are, as far as the two can be compared. A resume from there repairs the others. */
export function mergedMeta(current: SyncMeta, incoming: SyncMeta): SyncMeta {
  const [a, b] = [current.place, incoming.place]
  const [from, to] = [a && parsePosition(a.at), b && parsePosition(b.at)]
  if (!from || !to || a?.of !== b?.of || a?.shape !== b?.shape) return NOWHERE
  if (from.nonce !== to.nonce || from.object !== to.object) return NOWHERE
  return from.seq <= to.seq ? current : incoming
}

/**
 * Rows that were in the collection before it was fed, as they would have been kept on a device; undefined when it is not known where they are.
 * @throws ProtocolError `value-invalid` when a row cannot have been one of the server's.
 */
export function placedRows(
  spec: SubscriptionSpec,
  { place }: SyncMeta,
  rows: Iterable<object>,
): StoredShape | undefined {
  if (place?.of !== shapeKey(spec)) return undefined
  const blocks = [...rows].map((row): Block => {
    const cells = Object.entries(encodeRow(row)).map(([column, value]): [string, Cell] => {
      const kind = place.kinds[column]
      if (kind === 'bytes' && isDocument(value)) throw bytesLost(column)
      return [column, storedCell(value, kind)]
    })
    return { cols: cells.map(([column]) => column), up: [cells.map(([, cell]) => cell)], del: [] }
  })
  return {
    key: place.of,
    spec,
    token: place.shape,
    keyColumn: place.key,
    kinds: place.kinds,
    onDemand: false,
    position: place.at,
    boundary: undefined,
    blocks,
    usedAt: 0,
  }
}

/** JSON makes a document of bytes. Of dates it makes text, which is read as a date all the same. */
const isDocument = (value: WireValue): boolean =>
  typeof value === 'object' && value !== null && 'json' in value

const bytesLost = (column: string) =>
  new ProtocolError(
    'value-invalid',
    `The column "${column}" came with the page, and is not bytes: carry the state with what keeps them, which JSON does not`,
  )
