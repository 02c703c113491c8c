import {
  type Block,
  JOIN_ANSWER_BYTES,
  type OrderTerm,
  type Place,
  PROTOCOL_VERSION,
  predicateOf,
  type Snapshot,
  type SnapshotOrder,
  type SnapshotRequest,
  type SubscriptionSpec,
} from '@durable-sync/core/wire'
import type { ChangeLog } from './change-log.ts'
import type { Lineage } from './lineage.ts'
import type { Terms } from './live-subscription.ts'
import type { ReadingTerms } from './reading-terms.ts'
import { isRefusal, type Refusal } from './refusal.ts'
import { isShort, type RowOrder } from './row-order.ts'
import type { RowReader } from './row-reader.ts'

export interface SnapshotsHost {
  readonly log: ChangeLog
  readonly lineage: Lineage
  readonly readers: ReadonlyMap<string, RowReader>
  readonly reading: ReadingTerms
}

/** The rows of a snapshot as JSON texts, and where they end. */
interface Found {
  readonly rows: readonly string[]
  readonly boundary?: Place | null
}

/** Why there is no snapshot. Across RPC only the message is left of an error, so that it has the code in it. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError'
  readonly code: string

  constructor({
    code,
    message,
  }: { readonly code: Refusal['code'] | 'snapshot-too-large'; readonly message: string }) {
    super(`${message} (${code})`)
    this.code = code
  }
}

/**
 * Reads rows for a page that is rendered without a socket: on the same terms as a subscription, in one turn, so that rows and position are of
 * one moment.
 */
export class Snapshots {
  readonly #host: SnapshotsHost

  constructor(host: SnapshotsHost) {
    this.#host = host
  }

  /** @throws SnapshotError with the code of the refusal, or `snapshot-too-large`. */
  read(principal: string, claims: unknown, request: SnapshotRequest): Snapshot {
    const { log, lineage, readers, reading } = this.#host
    const spec = specOf(request)
    const terms = reading.of(spec, claims)
    if (isRefusal(terms)) throw new SnapshotError(terms)
    const reader = readers.get(terms.collection)
    if (!reader)
      throw new SnapshotError({
        code: 'unknown-collection',
        message: `there is no collection "${terms.collection}"`,
      })
    const head = log.head()
    // The era must be there when somebody comes back with the position.
    lineage.seal(head)
    const { rows, boundary } = terms.order
      ? first(terms, terms.order, spec.window?.limit ?? 0)
      : { rows: all(terms, reader), boundary: undefined }
    const { key, kinds } = terms.filter.schema
    return {
      type: 'snapshot',
      v: PROTOCOL_VERSION,
      principal,
      ...spec,
      shape: terms.shape,
      at: lineage.positionAt(head),
      key,
      kinds,
      ...(boundary === undefined ? {} : { boundary }),
      blocks: rows.length > 0 ? [blockOf(reader, rows)] : [],
    }
  }
}

/** @throws SnapshotError `frame-invalid`, `predicate-unsupported` */
function specOf({ table, where, orderBy, limit }: SnapshotRequest): SubscriptionSpec {
  const hasOrder = orderBy !== undefined && orderBy.length > 0
  if (
    hasOrder !== (limit !== undefined) ||
    (limit !== undefined && !(Number.isSafeInteger(limit) && limit > 0))
  )
    throw new SnapshotError({
      code: 'frame-invalid',
      message: '`orderBy` and `limit` go together, and `limit` is a whole number above 0',
    })
  return {
    collection: table,
    ...(where === undefined ? {} : { where: asked(where) }),
    ...(hasOrder && limit !== undefined ? { window: { order: orderBy.map(termOf), limit } } : {}),
  }
}

function asked(where: object) {
  try {
    if (Object.keys(where).length > 0) return predicateOf(where)
  } catch (error) {
    throw new SnapshotError({ code: 'predicate-unsupported', message: String(error) })
  }
  throw new SnapshotError({
    code: 'predicate-unsupported',
    message:
      'the filter speaks of no column: it must be a plain object, what `filter` builds does not survive RPC',
  })
}

const termOf = ({ column, direction, nulls, stringSort }: SnapshotOrder): OrderTerm => ({
  column,
  descending: direction === 'desc',
  nulls: nulls ?? 'first',
  text: stringSort === 'lexical' ? 'binary' : 'locale',
})

function all({ filter }: Terms, reader: RowReader): string[] {
  const from = filter.reader ?? reader
  const rows: string[] = []
  let bytes = 0
  for (let after: string | null = ''; after !== null; ) {
    const page: ReturnType<RowReader['page']> = from.page(after, JOIN_ANSWER_BYTES - bytes)
    rows.push(...page.rows)
    bytes += page.bytes
    after = page.last
    if (after !== null && bytes >= JOIN_ANSWER_BYTES) throw new SnapshotError(TOO_LARGE)
  }
  return rows
}

function first({ filter }: Terms, order: RowOrder, limit: number): Found {
  const { rows, more, last } = filter.inOrder(order.terms).read(null, limit, JOIN_ANSWER_BYTES)
  const boundary = more ? last : null
  if (boundary === null || isShort(boundary)) return { rows, boundary }
  throw new SnapshotError({
    code: 'order-unsupported',
    message: 'the values that the rows are ordered by are too long',
  })
}

const TOO_LARGE = {
  code: 'snapshot-too-large',
  message: 'the rows have more than 4 MB: ask for fewer, with `where`, or with `orderBy` and `limit`',
} as const

const blockOf = (reader: RowReader, rows: readonly string[]): Block =>
  JSON.parse(`{"cols":${reader.cols},"up":[${rows.join(',')}],"del":[]}`) as Block
