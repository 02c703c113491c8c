import {
  PROTOCOL_VERSION,
  predicateOf,
  type Snapshot,
  type SnapshotRequest,
  type SubscriptionSpec,
} from '../wire/index.ts'
import { SHAPE } from './test-line.ts'
import type { TestRoom } from './test-room.ts'

/** As an object throws it: across RPC only the message is left of an error. */
export const snapshotRefused = (code: string, message: string): Error => new Error(`${message} (${code})`)

/**
 * Rows of the room and where they are, as an object returns them over RPC.
 * @throws Error `frame-invalid`, `predicate-unsupported`
 */
export function roomSnapshot(
  room: TestRoom,
  principal: string,
  { table, where, orderBy, limit }: SnapshotRequest,
): Snapshot {
  if ((orderBy !== undefined && orderBy.length > 0) !== (limit !== undefined))
    throw snapshotRefused('frame-invalid', '`orderBy` and `limit` go together')
  if (where && Object.keys(where).length === 0)
    throw snapshotRefused('predicate-unsupported', 'the filter speaks of no column')
  const order = orderBy?.map(({ column, direction, nulls = 'first', stringSort }) => {
    const text = stringSort === 'lexical' ? ('binary' as const) : ('locale' as const)
    return { column, descending: direction === 'desc', nulls, text }
  })
  const spec: SubscriptionSpec = {
    collection: table,
    ...(where ? { where: predicateOf(where) } : {}),
    ...(order && limit !== undefined ? { window: { order, limit } } : {}),
  }
  const all = room.rowsAfter({ spec, boundary: null }, null)
  const rows = spec.window ? all.slice(0, limit) : all
  const last = rows.at(-1)
  const end =
    spec.window && last && rows.length < all.length ? room.placeOf(table, spec.window.order, last) : null
  const keys = rows.map((row) => room.keyOf(table, row))
  return {
    type: 'snapshot',
    v: PROTOCOL_VERSION,
    principal,
    ...spec,
    shape: SHAPE,
    at: room.head,
    key: room.keyColumn(table),
    kinds: room.kinds[table] ?? {},
    ...(spec.window ? { boundary: end } : {}),
    blocks: rows.length > 0 ? [room.block(table, keys)] : [],
  }
}
