import {
  FRAME_TARGET_BYTES,
  JOIN_ANSWER_BYTES,
  type JoinFrame,
  type Position,
  parsePosition,
} from '@durable-sync/core/wire'
import type { ChangeLog } from './change-log.ts'
import { cutBlocks } from './frame-text.ts'
import type { Lineage } from './lineage.ts'
import type { RowReader } from './row-reader.ts'
import type { Subscriptions } from './subscriptions.ts'
import type { SyncSocket } from './sync-socket.ts'
import type { TableSchema } from './table-schema.ts'

export interface JoinsHost {
  readonly log: ChangeLog
  readonly lineage: Lineage
  readonly readers: ReadonlyMap<string, RowReader>
  readonly schemas: ReadonlyMap<string, TableSchema>
  readonly subscriptions: Subscriptions
  shapeOf(table: string): string
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

  answer(socket: SyncSocket, frame: JoinFrame): void {
    const { subscriptions, readers } = this.#host
    const reader = readers.get(frame.collection)
    const refusal = subscriptions.refusal(frame, socket, frame.sub)
    if (refusal || !reader) {
      const { code, message } = refusal ?? {
        code: 'unknown-collection',
        message: 'there is no such collection',
      }
      socket.send({ type: 'refused', re: 'join', join: frame.join, code, message })
      return
    }
    // It may be joined already, under a shape that the client has given up.
    subscriptions.remove(socket, frame.sub)
    if (frame.since !== undefined) this.#catchUpFrom(socket, frame, frame.since, reader)
    else this.#snapshot(socket, frame, reader)
  }

  #catchUpFrom(socket: SyncSocket, frame: JoinFrame, since: Position, reader: RowReader): void {
    const { lineage, log, shapeOf } = this.#host
    const validity = lineage.validity(since, log.head())
    if (validity !== 'valid') this.#restart(socket, frame, validity)
    else if (frame.shape !== shapeOf(frame.collection)) this.#restart(socket, frame, 'shape')
    else this.#end(socket, frame, since, reader, false)
  }

  #snapshot(socket: SyncSocket, frame: JoinFrame, reader: RowReader): void {
    const { lineage, log } = this.#host
    const head = log.head()
    lineage.seal(head)
    const p0 = frame.p0 ?? lineage.positionAt(head)
    // Both: restored to a point between the two, `p0` alone would still be good, and rows read since would stay for ever.
    const start = lineage.validity(p0, head)
    const validity = start === 'valid' ? lineage.validity(frame.read ?? p0, head) : start
    if (validity !== 'valid') {
      this.#restart(socket, frame, validity)
      return
    }
    let after = frame.after ?? ''
    let answered = 0
    while (answered < JOIN_ANSWER_BYTES) {
      const page = reader.page(after, FRAME_TARGET_BYTES)
      if (page.rows.length > 0)
        this.#chunk(socket, frame, `"cols":${reader.cols},"up":[${page.rows.join(',')}],"del":[]`)
      if (page.last === null) {
        this.#end(socket, frame, p0, reader, true)
        return
      }
      after = page.last
      answered += page.bytes
    }
    socket.send({ type: 'next', join: frame.join, p0, read: lineage.positionAt(head), after })
  }

  #end(socket: SyncSocket, frame: JoinFrame, p0: Position, reader: RowReader, replace: boolean): void {
    const { subscriptions, schemas, shapeOf, flushTo } = this.#host
    flushTo(socket)
    const at = socket.position
    const schema = schemas.get(frame.collection)
    if (at === null || !schema) return
    for (const block of cutBlocks(reader.cols, reader.changedSince(parsePosition(p0)?.seq ?? 0) ?? []))
      this.#chunk(socket, frame, block)
    socket.send({
      type: 'joined',
      join: frame.join,
      at,
      replace,
      shape: shapeOf(frame.collection),
      key: schema.key,
      kinds: schema.kinds,
    })
    subscriptions.add(socket, frame.sub, frame.collection)
  }

  #chunk(socket: SyncSocket, frame: JoinFrame, block: string): void {
    socket.sendPulled(`{"type":"chunk","join":${frame.join},${block}}`)
  }

  #restart(socket: SyncSocket, frame: JoinFrame, reason: 'pruned' | 'lineage' | 'shape'): void {
    socket.send({ type: 'restart', sub: frame.sub, reason })
  }
}
