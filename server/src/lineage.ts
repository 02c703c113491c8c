import { formatPosition, type Position, parsePosition } from '@durable-sync/core/wire'
import type { LogRow } from './change-log.ts'

const HOUR = 3_600_000

interface Era {
  readonly firstSeq: number
  readonly nonce: string
  readonly at: number
}

const same = (a: LogRow | undefined, b: LogRow) =>
  a?.seq === b.seq && a.tbl === b.tbl && a.key === b.key && a.born === b.born

export type Validity = 'valid' | 'pruned' | 'lineage'

/**
 * Which history a position belongs to. An instance draws a nonce when it is made; the transaction of its first log write records an
 * era that starts there. A restored, wiped or copied database therefore has another nonce at the same number. Every emission that
 * moves a position asks `validity` first.
 */
export class Lineage {
  readonly #sql: SqlStorage
  readonly #object: string
  readonly #now: () => number
  #eras: Era[] = []
  #nonce = randomNonce()
  /** The head when the current nonce was drawn: the era begins right after it. */
  #drawnAt = 0
  /** The newest log row that a recorded era is known to cover. */
  #sealed = 0
  /** The head when the era of the current nonce was recorded. */
  #recordedAt = Number.POSITIVE_INFINITY
  /** The newest row that was announced. */
  #witness: LogRow | undefined
  prunedThrough = 0

  constructor(sql: SqlStorage, object: string, now: () => number) {
    this.#sql = sql
    this.#object = object
    this.#now = now
  }

  /** Reads what is recorded. `startHead` is the newest log row that this instance found, before it wrote anything itself. */
  load(startHead: number, prunedThrough: number): void {
    this.#readEras()
    this.#drawnAt = startHead
    this.#sealed = startHead
    this.prunedThrough = prunedThrough
  }

  #readEras(): void {
    this.#eras = this.#sql
      .exec<{ firstSeq: number; nonce: string; at: number }>(
        'SELECT first_seq AS firstSeq, nonce, at FROM _sync_era ORDER BY first_seq',
      )
      .toArray()
  }

  /**
   * Covers the log up to `head`. Call it in the same synchronous turn as the write, before anything names a position: the era must be
   * in the transaction of the rows that it covers. It looks at what is stored, because a caller's transaction may have rolled an era back.
   * `witness` is the row of `witnessed` as it is now, where the caller has just read it.
   */
  seal(head: number, witness = this.#witness && this.#rowAt(this.#witness.seq)): void {
    if (this.#witness && !same(witness, this.#witness)) this.#renew(head)
    if (head <= this.#drawnAt) return
    const newest = this.#newest()
    if (newest?.nonce !== this.#nonce) this.#mint(head)
    else if (this.#now() - newest.at >= HOUR && head > this.#sealed) {
      this.#nonce = randomNonce()
      this.#drawnAt = this.#sealed
      this.#mint(head)
    }
    this.#sealed = head
  }

  /**
   * The newest era that is stored. A witness that was written after it, and is still there, speaks for it: a rollback that took the era
   * would have taken everything since.
   */
  #newest(): Pick<Era, 'nonce' | 'at'> | undefined {
    if (this.#witness && this.#witness.seq > this.#recordedAt) return this.#eras.at(-1)
    return this.#sql
      .exec<{ nonce: string; at: number }>('SELECT nonce, at FROM _sync_era ORDER BY first_seq DESC LIMIT 1')
      .toArray()[0]
  }

  /** The number of the newest row that was announced; null when this instance has announced none. */
  get witnessed(): number | null {
    return this.#witness?.seq ?? null
  }

  /** The log up to `head` has been announced. `row` is the row of the head, where the caller has just read it. */
  announced(head: number, row?: LogRow): void {
    if (this.#witness?.seq !== head) this.#witness = row?.seq === head ? row : this.#rowAt(head)
  }

  #rowAt(seq: number): LogRow | undefined {
    return this.#sql.exec<LogRow>('SELECT seq, tbl, key, born FROM _sync_log WHERE seq = ?', seq).toArray()[0]
  }

  /**
   * What was announced is not there any more: it was read inside a transaction of the author's that awaited and then rolled back. Nobody
   * can say how far back, so no position given out by anybody is good.
   */
  #renew(head: number): void {
    const first = this.#eras[0]?.firstSeq ?? 1
    this.#sql.exec('DELETE FROM _sync_era')
    this.#nonce = randomNonce()
    this.#drawnAt = first - 1
    this.#mint(head)
    this.#sealed = head
    this.#witness = this.#rowAt(head)
  }

  #mint(head: number): void {
    this.#sql.exec(
      'INSERT OR REPLACE INTO _sync_era (first_seq, nonce, at) VALUES (?, ?, ?)',
      this.#drawnAt + 1,
      this.#nonce,
      this.#now(),
    )
    this.#recordedAt = head
    this.#readEras()
  }

  positionAt(seq: number): Position {
    return formatPosition({ seq, nonce: this.#covering(seq)?.nonce ?? '0', object: this.#object })
  }

  validity(position: Position, head: number): Validity {
    const parts = parsePosition(position)
    if (!parts || parts.object !== this.#object || parts.seq > head) return 'lineage'
    if (parts.seq < this.prunedThrough) return 'pruned'
    return this.#covering(parts.seq)?.nonce === parts.nonce ? 'valid' : 'lineage'
  }

  #covering(seq: number): Era | undefined {
    return this.#eras.findLast((era) => era.firstSeq <= seq)
  }

  /** The first number of the newest era that began before `time`: everything below it is older than `time`. */
  newestEraBefore(time: number): number | undefined {
    return this.#eras.findLast((era) => era.at < time)?.firstSeq
  }

  /** Forgets eras that end before `firstSeq`, and with it every position below. */
  pruneTo(firstSeq: number): void {
    this.#sql.exec('DELETE FROM _sync_era WHERE first_seq < ?', firstSeq)
    this.#eras = this.#eras.filter((era) => era.firstSeq >= firstSeq)
    this.prunedThrough = firstSeq
  }
}

function randomNonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8))
  return Array.from(bytes, (byte) => (byte % 36).toString(36)).join('') + (bytes[0] ?? 0).toString(36)
}
