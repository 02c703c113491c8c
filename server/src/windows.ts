import {
  FRAME_TARGET_BYTES,
  JOIN_ANSWER_BYTES,
  type JoinFrame,
  type NarrowFrame,
  type PageFrame,
  type Place,
} from '@durable-sync/core/wire'
import { cutBlocks } from './frame-text.ts'
import type { Terms } from './live-subscription.ts'
import type { Refusal } from './refusal.ts'
import { isShort, type RowOrder } from './row-order.ts'
import type { RowReader } from './row-reader.ts'
import type { Subscriptions } from './subscriptions.ts'
import type { SyncSocket } from './sync-socket.ts'
import type { WindowPage } from './window-reader.ts'

/** More rows than this are asked for again. */
const MAX_JOIN_ROWS = 10_000
const MAX_PAGE_ROWS = 1000

export interface WindowsHost {
  readonly readers: ReadonlyMap<string, RowReader>
  readonly subscriptions: Subscriptions
  /** Brings this socket exactly to the head. */
  flushTo(socket: SyncSocket): void
}

/**
 * The first rows of an order. Each answer is one turn: the socket is brought to the head, then rows are read there, so that rows and
 * boundary are of the socket's position. From then on the socket is sent the changes up to the boundary.
 */
export class Windows {
  readonly #host: WindowsHost

  constructor(host: WindowsHost) {
    this.#host = host
  }

  /** Answers a join completely, whatever it continues: a window is small, so it is always read anew. */
  join(socket: SyncSocket, frame: JoinFrame, terms: Terms, order: RowOrder): void {
    const { readers, subscriptions, flushTo } = this.#host
    flushTo(socket)
    const at = socket.position
    const reader = readers.get(terms.collection)
    if (at === null || !reader || !socket.isOpen) return
    const limit = Math.min(Math.max(frame.window?.limit ?? 1, 1), MAX_JOIN_ROWS)
    const page = terms.filter.inOrder(order.terms).read(null, limit, JOIN_ANSWER_BYTES)
    const boundary = endOf(page, null)
    if (boundary && !isShort(boundary)) {
      socket.send({ type: 'refused', re: 'join', join: frame.join, ...TOO_LONG })
      return
    }
    for (const block of cutBlocks(
      reader.cols,
      page.rows.map((row) => ({ key: '', row })),
    ))
      socket.sendPulled(`{"type":"chunk","join":${frame.join},${block}}`)
    const { key, kinds } = terms.filter.schema
    const { shape } = terms
    socket.send({ type: 'joined', join: frame.join, at, replace: true, shape, key, kinds, boundary })
    subscriptions.add(socket, frame.sub, terms, boundary)
  }

  /** Why a page cannot be served, or null when it can. */
  refusal(socket: SyncSocket, { sub, after }: PageFrame): Refusal | null {
    const order = socket.subs.get(sub)?.order
    if (!order) return { code: 'unknown-subscription', message: `there is no joined window ${sub}` }
    return order.has(after) ? null : NO_PLACE
  }

  page(socket: SyncSocket, frame: PageFrame): void {
    const { readers, subscriptions, flushTo } = this.#host
    const refusal = this.refusal(socket, frame)
    // A flush may end subscriptions, and the socket.
    if (!refusal) flushTo(socket)
    const live = socket.subs.get(frame.sub)
    const reader = live && readers.get(live.collection)
    if (refusal || !live?.order || !reader) {
      const { code, message } = refusal ?? { code: 'unknown-subscription', message: 'the window has ended' }
      socket.send({ type: 'refused', re: 'page', request: frame.request, code, message })
      return
    }
    const limit = Math.min(Math.max(frame.limit, 1), MAX_PAGE_ROWS)
    const page = live.filter.inOrder(live.order.terms).read(frame.after, limit, FRAME_TARGET_BYTES)
    const boundary = endOf(page, frame.after)
    if (boundary && !isShort(boundary)) {
      socket.send({ type: 'refused', re: 'page', request: frame.request, ...TOO_LONG })
      return
    }
    const block = `"cols":${reader.cols},"up":[${page.rows.join(',')}],"del":[]`
    socket.sendPulled(
      `{"type":"page","request":${frame.request},${block},"boundary":${JSON.stringify(boundary)}}`,
    )
    subscriptions.extend(socket, frame.sub, live, boundary)
  }

  /** A window that is not there any more needs no answer: its client is told already. */
  narrow(socket: SyncSocket, { sub, boundary }: NarrowFrame): void {
    const live = socket.subs.get(sub)
    if (!live?.order) return
    if (live.order.has(boundary)) this.#host.subscriptions.narrow(socket, sub, live, boundary)
    else socket.send({ type: 'refused', re: 'frame', ...NO_PLACE })
  }
}

const TOO_LONG = {
  code: 'order-unsupported',
  message: 'the values that the rows are ordered by are too long',
} as const

const NO_PLACE = {
  code: 'frame-invalid',
  message: 'a place has one cell for each term of the order, then the key',
} as const

/** Where a window ends that was read up to this page, from `after`. */
const endOf = ({ more, last }: WindowPage, after: Place | null): Place | null =>
  more ? (last ?? after) : null
