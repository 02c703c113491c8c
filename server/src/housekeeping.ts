import { CloseCode, PING } from '@durable-sync/core/wire'
import type { ChangeLog } from './change-log.ts'
import type { ClientIds } from './client-ids.ts'
import type { Meta } from './internal-tables.ts'
import type { Lineage } from './lineage.ts'
import type { Subscriptions } from './subscriptions.ts'
import type { SyncEventSink } from './sync-event.ts'
import type { SyncSocket } from './sync-socket.ts'

const HOUR = 3_600_000
/**
 * How much a log grows before it is compacted, which writes what stays once more. Eight times what stayed, so that an update's share is an
 * eighth of a row; but no entries that take more than about a megabyte are kept for that, and then it is twice what stayed.
 */
const growthBeforeCompaction = (left: number): number => Math.max(1000, Math.min(8 * left, 24_000), 2 * left)
/** The heartbeat comes every 25 s; a socket silent for so long belongs to a browser that is gone, or frozen. */
const ZOMBIE_MS = 90_000

export interface HousekeepingHost {
  readonly ctx: DurableObjectState
  readonly log: ChangeLog
  readonly lineage: Lineage
  readonly meta: Meta
  readonly clientIds: ClientIds
  readonly subscriptions: Subscriptions
  readonly event: SyncEventSink
  readonly now: () => number
  readonly retentionMs: number
  readonly sockets: () => Iterable<SyncSocket>
  /** Brings every live socket to the head, so that none is left below the floor. */
  flushAll(): void
}

/** Keeps the log and the tables small. It rides on turns that happen anyway: no timer and no alarm while the object is idle. */
export class Housekeeping {
  readonly #host: HousekeepingHost
  #compactedAt = 0
  #left = 0
  #nextSweep: number

  constructor(host: HousekeepingHost) {
    this.#host = host
    this.#compactedAt = host.meta.number('compacted_at')
    this.#left = host.meta.number('compaction_left')
    this.#nextSweep = host.meta.number('next_sweep')
  }

  /** `head` is that of the log. */
  afterTurn(head: number): void {
    if (head - this.#compactedAt >= growthBeforeCompaction(this.#left)) this.compact()
    if (this.#host.now() < this.#nextSweep) return
    this.#nextSweep = this.#host.now() + HOUR
    this.#host.meta.set('next_sweep', this.#nextSweep)
    this.sweep()
  }

  /** The newest row of every key stays, of what positions above the floor need. */
  compact(): void {
    const { log, lineage, meta, event } = this.#host
    lineage.seal(log.head())
    const { deleted, left } = log.compact(lineage.prunedThrough)
    lineage.announced(log.head())
    this.#compactedAt = log.head()
    this.#left = left
    meta.set('compacted_at', this.#compactedAt)
    meta.set('compaction_left', this.#left)
    event({ type: 'compacted', deleted })
  }

  sweep(): void {
    const { clientIds, subscriptions, sockets } = this.#host
    subscriptions.sweep(sockets())
    clientIds.sweep()
    this.prune()
  }

  /** Positions older than the retention are good no more. Only this moves the floor below which a position is reset. */
  prune(olderThan = this.#host.now() - this.#host.retentionMs): void {
    const { log, lineage, meta, event, flushAll } = this.#host
    const floor = lineage.newestEraBefore(olderThan)
    if (floor === undefined || floor <= lineage.prunedThrough) return
    flushAll()
    lineage.pruneTo(floor)
    meta.set('pruned_through', floor)
    event({ type: 'pruned', through: floor })
    // A row that is deleted is one written, so what nobody needs goes with the next compaction; at once where little would stay.
    const unneeded = this.#left + floor - this.#compactedAt
    if (unneeded >= growthBeforeCompaction(log.head() - floor)) this.compact()
  }

  /** On a wake: sockets whose browser has long stopped asking for a sign of life. */
  closeZombies(): void {
    const { ctx, sockets, now } = this.#host
    // Where the author has a pair of their own, our pings are answered by hand and leave no stamp.
    if (ctx.getWebSocketAutoResponse()?.request !== PING) return
    for (const socket of sockets())
      if (now() - socket.lastSign(ctx) > ZOMBIE_MS)
        socket.close(CloseCode.helloTimeout, 'no sign of life for 90 s')
  }
}
