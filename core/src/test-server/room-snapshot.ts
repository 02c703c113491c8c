import {
  PROTOCOL_VERSION,
  predicateOf,
  type Snapshot,
  type SnapshotRequest,
  type SubscriptionSpec,
} from '../wire/index.ts'
import { SHAPE } from './test-line.ts'
import type { TestRoom } from './test-room.ts'

/** Rows of the room and where they are, as an object returns them over RPC. */
export function roomSnapshot(
  room: TestRoom,
  principal: string,
  { table, where, orderBy, limit }: SnapshotRequest,
): Snapshot {
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
