import { type Cell, JOIN_ANSWER_BYTES, type Position, type Receipt } from '@durable-sync/core/wire'
import type { ChangeLog } from './change-log.ts'
import { cutBlocks, cutPass, passTexts, saltOf } from './frame-text.ts'
import type { Lineage } from './lineage.ts'
import type { RowFilter } from './live-subscription.ts'
import type { ReadRules } from './read-rules.ts'
import { RecentChanges } from './recent-changes.ts'
import type { RowReader } from './row-reader.ts'
import { type PassFrames, SharedPasses } from './shared-passes.ts'
import { belongsTo, type MatchingSet } from './subscription-set.ts'
import type { SyncEventSink } from './sync-event.ts'
import type { SyncSocket } from './sync-socket.ts'
import { TableDelta } from './table-delta.ts'
import { writersLast } from './writers-last.ts'

/** A socket that nothing concerned for so many log rows gets an empty frame, so that its position does not grow old. */
const MAX_LAG = 4096
/** So many log rows are read at once, and their keys kept for the length of a flush. Beyond that SQLite looks for what changed. */
const MAX_RECENT = 2000

export interface AnnouncerHost {
  readonly log: ChangeLog
  readonly lineage: Lineage
  readonly readers: ReadonlyMap<string, RowReader>
  readonly rules: ReadRules
  readonly event: SyncEventSink
  /** A table that can no longer be read, or a filter that throws: its subscribers are told, everybody else goes on. */
  failed(table: string, error: unknown, filter?: RowFilter): void
}

/** The changes of each table after one number, read once however many sockets want them. Null: the table cannot be read. */
type Since = Map<string, TableDelta | null>

/**
 * Sends every socket what it lacks. The one place that moves positions: rows are read at the head, in the turn that sends them, and
 * the socket's attachment says so before the turn ends.
 */
export class Announcer {
  readonly #host: AnnouncerHost
  readonly #comingBack = new SharedPasses()

  constructor(host: AnnouncerHost) {
    this.#host = host
  }

  /** Brings sockets to the head: those that changes or receipts concern, and `forced`. Returns the head. */
  flush(sockets: Iterable<SyncSocket>, forced?: SyncSocket | 'all'): number {
    const { log, lineage, event } = this.#host
    const { witnessed } = lineage
    // The row that was announced last and what came after it: the head, the witness and the changed keys in one reading.
    const rows = witnessed === null ? null : log.from(witnessed, MAX_RECENT)
    const head = rows?.at(-1)?.seq ?? log.head()
    lineage.seal(head, rows?.[0])
    const recent = rows && witnessed !== null ? new RecentChanges(witnessed, rows) : null
    const to = lineage.positionAt(head)
    const changedSince = new Map<number, ReadonlySet<string>>()
    const deltas = new Map<number, Since>()
    const passes = new Map<string, string[]>()
    const texts = new Map<string, string[]>()
    let count = 0
    let bytes = 0
    for (const socket of writersLast(sockets)) {
      const from = socket.position
      if (from === null) continue
      if (socket.scanned >= head && from === to && !socket.hasReceipts) continue
      if (lineage.validity(from, head) !== 'valid') {
        socket.restart('the position is not of this history')
        continue
      }
      if (socket.isTooSlow) {
        socket.close(4429, 'the reader is too slow', 1000)
        continue
      }
      const changed = memo(changedSince, socket.scanned, () => this.#tablesSince(socket.scanned, recent))
      const sets = socket.subs.sets.filter(({ table }) => changed.has(table))
      const lags = head - seqOf(from) > MAX_LAG
      if (sets.length === 0 && !socket.hasReceipts && socket !== forced && forced !== 'all' && !lags) {
        socket.scanned = head
        continue
      }
      const receipts = socket.takeReceipts()
      const group = `${socket.scanned} ${JSON.stringify(sets.map(({ table, key }) => [table, key]))}`
      const frames = memo(passes, group, () => {
        const since = memo(deltas, socket.scanned, () => new Map())
        const blocksOf = (table: string) =>
          memo(since, table, () => this.#delta(table, socket.scanned, to, recent))
        return cutPass(
          sets.map((set) => ({ table: set.table, blocks: blocksOf(set.table)?.blocks(set) ?? [] })),
        )
      })
      // Receipts differ by socket; without any the whole text is shared by all that have the same position.
      const make = () => passTexts({ from, to, frames, live: false }, receipts)
      for (const text of receipts.length > 0 ? make() : memo(texts, `${from} ${group}`, make)) {
        socket.sendText(text)
        bytes += text.length
      }
      socket.moveTo(to, head)
      count++
    }
    lineage.announced(head, rows?.at(-1))
    if (count === 0) return head
    const read = [...deltas.values()].flatMap((since) => [...since.values()])
    const sum = (of: 'rows' | 'matched') => read.reduce((total, delta) => total + (delta?.[of] ?? 0), 0)
    event({ type: 'flushed', rows: sum('rows'), matched: sum('matched'), bytes, sockets: count })
    return head
  }

  #tablesSince(seq: number, recent: RecentChanges | null): ReadonlySet<string> {
    return recent?.covers(seq) ? recent.tablesSince(seq) : new Set(this.#host.log.tablesSince(seq))
  }

  /**
   * What the joined subscriptions of this socket lack since `seq`, as the frames of one pass; null when it is more than a pass may be, or
   * cannot be read: loading again is pulled in pieces, a pass is not.
   */
  passSince({ subs: { sets } }: SyncSocket, seq: number): PassFrames {
    const { log, lineage } = this.#host
    const head = lineage.positionAt(log.head())
    const name = JSON.stringify([seq, ...sets.map(({ table, key }) => [table, key])])
    return this.#comingBack.at(
      head,
      name,
      () => this.#passFor(sets, seq, saltOf(head)),
      () => sets.every(({ table }) => this.#host.readers.get(table)?.isReadable ?? true),
    )
  }

  /** Undefined: it could not be read. */
  #passFor(sets: readonly MatchingSet[], seq: number, salt: string): PassFrames | undefined {
    const { log, readers, event } = this.#host
    const changed = new Set(log.tablesSince(seq))
    const deltas: { table: string; blocks: string[] }[] = []
    let left = JOIN_ANSWER_BYTES
    for (const set of sets) {
      const reader = readers.get(set.table)
      if (!reader || !changed.has(set.table)) continue
      const keep = (row: string) => belongsTo(set, JSON.parse(row) as Cell[])
      try {
        const rows = reader.changedSince(seq, left, set.predicates.length > 0 ? keep : undefined)
        if (!rows) return null
        const blocks = cutBlocks(reader.cols, rows, this.#saltFor(set.table, salt))
        left -= blocks.reduce((bytes, block) => bytes + block.length, 0)
        deltas.push({ table: set.table, blocks })
      } catch (error) {
        event({ type: 'error', where: `reading "${set.table}"`, error })
        return undefined
      }
    }
    return cutPass(deltas)
  }

  /** The pass that answers hello. It ends in `live`. */
  resume(
    socket: SyncSocket,
    at: Position | null,
    frames: readonly string[],
    receipts: readonly Receipt[],
  ): void {
    const { log, lineage } = this.#host
    const head = log.head()
    const to = lineage.positionAt(head)
    for (const text of passTexts({ from: at, to, frames, live: true }, receipts)) socket.sendPulled(text)
    socket.moveTo(to, head)
    lineage.announced(head)
  }

  #delta(table: string, seq: number, to: Position, recent: RecentChanges | null): TableDelta | null {
    const reader = this.#host.readers.get(table)
    if (!reader) return null
    try {
      return new TableDelta({
        cols: reader.cols,
        rows: recent?.covers(seq)
          ? reader.rowsOf(recent.keysSince(table, seq))
          : (reader.changedSince(seq) ?? []),
        salt: this.#saltFor(table, saltOf(to)),
        failed: (error, filter) => this.#host.failed(table, error, filter),
      })
    } catch (error) {
      this.#host.failed(table, error)
      return null
    }
  }

  #saltFor(table: string, salt: string): string | null {
    return this.#host.rules.guards(table) ? salt : null
  }
}

const seqOf = (position: Position) => Number(position.slice(0, position.indexOf('.')))

function memo<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}
