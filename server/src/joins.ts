import { FRAME_TARGET_BYTES, type JoinFrame, type Position, parsePosition } from '@durable-sync/core/wire'
import type { ChangeLog } from './change-log.ts'
import { cutBlocks, saltOf } from './frame-text.ts'
import type { Lineage } from './lineage.ts'
import type { Terms } from './live-subscription.ts'
import type { ReadRules } from './read-rules.ts'
import { isRefusal } from './refusal.ts'
import type { DirtyRow, RowReader } from './row-reader.ts'
import type { Subscriptions } from './subscriptions.ts'
import type { SyncSocket } from './sync-socket.ts'
import type { Windows } from './windows.ts'

/** For less than this no other page is read. */
const SPARE_BYTES = 64 * 1024

export interface JoinsHost {
  readonly log: ChangeLog
  readonly lineage: Lineage
  readonly readers: ReadonlyMap<string, RowReader>
  readonly rules: ReadRules
  readonly subscriptions: Subscriptions
  readonly windows: Windows
  /** Brings this socket exactly to the head. */
  flushTo(socket: SyncSocket): void
}

/**
 * Answers joins. Each request is complete in itself: `p0`, fixed by the first answer, and the key to go on after. Chunks may be read
 * at different times, because the catch-up over `(p0, head]` at the end repairs whatever changed meanwhile; the end is one turn.
 */
export class Joins {
  readonly #host: JoinsHost

  constructor(host: JoinsHost) {
    this.#host = host
  }

  /** The answer has about `most` bytes. Returns the request that goes on with it, when there was more to look at than one turn may. */
  answer(socket: SyncSocket, frame: JoinFrame, most: number): JoinFrame | null {
    const { subscriptions, windows, readers } = this.#host
    const terms = subscriptions.admit(frame, socket, frame.sub)
    if (isRefusal(terms)) {
      const { code, message } = terms
      socket.send({ type: 'refused', re: 'join', join: frame.join, code, message })
      return null
    }
    const reader = readers.get(terms.collection)
    if (!reader) return null
    // It may be joined already, under a shape that the client has given up.
    subscriptions.remove(socket, frame.sub)
    if (terms.order) windows.join(socket, frame, terms, terms.order)
    else if (frame.since !== undefined) this.#catchUpFrom(socket, frame, frame.since, terms, reader)
    // The catch-up at the end finds what changed, neither a table that was rebuilt nor what the user may no longer see.
    else if (frame.p0 !== undefined && frame.shape !== terms.shape) this.#restart(socket, frame, 'shape')
    else return this.#snapshot(socket, frame, terms, reader, most)
    return null
  }

  #catchUpFrom(socket: SyncSocket, frame: JoinFrame, since: Position, terms: Terms, reader: RowReader): void {
    const { lineage, log } = this.#host
    const validity = lineage.validity(since, log.head())
    if (validity !== 'valid') this.#restart(socket, frame, validity)
    else if (frame.shape !== terms.shape) this.#restart(socket, frame, 'shape')
    else this.#end(socket, frame, since, terms, reader, false)
  }

  #snapshot(
    socket: SyncSocket,
    frame: JoinFrame,
    terms: Terms,
    reader: RowReader,
    allowed: number,
  ): JoinFrame | null {
    const { lineage, log } = this.#host
    const head = log.head()
    lineage.seal(head)
    const p0 = frame.p0 ?? lineage.positionAt(head)
    // Both: restored to a point between the two, `p0` alone would still be good, and rows read since would stay for ever.
    const start = lineage.validity(p0, head)
    const validity = start === 'valid' ? lineage.validity(frame.read ?? p0, head) : start
    if (validity !== 'valid') {
      this.#restart(socket, frame, validity)
      return null
    }
    // What a filter finds by an index is found once for the whole answer, so that is not too short.
    const filtered = terms.filter.reader
    const most = filtered ? Math.max(allowed, FRAME_TARGET_BYTES) : allowed
    const read = lineage.positionAt(head)
    const { shape } = terms
    let after = frame.after ?? ''
    let answered = 0
    do {
      const room = most - answered
      const page = (filtered ?? reader).page(after, filtered ? most : Math.min(room, FRAME_TARGET_BYTES))
      for (const block of filtered
        ? cutBlocks(reader.cols, present(page.rows))
        : whole(reader.cols, page.rows))
        this.#chunk(socket, frame, block)
      if (page.last === null) {
        this.#end(socket, frame, p0, terms, reader, true)
        return null
      }
      after = page.last
      answered += page.bytes
      // Much was looked at and little found. Where it goes on may be a row whose key is nobody's business, so nobody is told.
      if (filtered && page.bytes < most) return { ...frame, p0, read, shape, after }
    } while (most - answered > SPARE_BYTES)
    // A page that is full ends in a row that was sent.
    socket.send({ type: 'next', join: frame.join, p0, read, shape, after })
    return null
  }

  #end(
    socket: SyncSocket,
    frame: JoinFrame,
    p0: Position,
    terms: Terms,
    reader: RowReader,
    replace: boolean,
  ): void {
    const { subscriptions, rules, flushTo } = this.#host
    flushTo(socket)
    const at = socket.position
    if (at === null || !socket.isOpen) return
    const { filter, collection, shape } = terms
    const keep = filter.isEverything ? undefined : (row: string) => filter.matches(JSON.parse(row))
    const rows = reader.changedSince(parsePosition(p0)?.seq ?? 0, undefined, keep) ?? []
    for (const block of cutBlocks(reader.cols, rows, rules.guards(collection) ? saltOf(at) : null))
      this.#chunk(socket, frame, block)
    const { key, kinds } = filter.schema
    socket.send({ type: 'joined', join: frame.join, at, replace, shape, key, kinds })
    subscriptions.add(socket, frame.sub, terms, null)
  }

  #chunk(socket: SyncSocket, frame: JoinFrame, block: string): void {
    socket.sendPulled(`{"type":"chunk","join":${frame.join},${block}}`)
  }

  #restart(socket: SyncSocket, frame: JoinFrame, reason: 'pruned' | 'lineage' | 'shape'): void {
    socket.send({ type: 'restart', sub: frame.sub, reason })
  }
}

const present = (rows: readonly string[]): DirtyRow[] => rows.map((row) => ({ key: '', row }))

const whole = (cols: string, rows: readonly string[]): string[] =>
  rows.length > 0 ? [`"cols":${cols},"up":[${rows.join(',')}],"del":[]`] : []
