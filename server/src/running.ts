import { Announcer } from './announcer.ts'
import type { Backlog } from './backlog.ts'
import type { ClientIds } from './client-ids.ts'
import { Connections } from './connections.ts'
import type { EngineHost } from './engine-host.ts'
import { FrameDispatcher } from './frame-dispatcher.ts'
import { Greetings } from './greetings.ts'
import { Handshake } from './handshake.ts'
import { Housekeeping } from './housekeeping.ts'
import type { Installation } from './installation.ts'
import { ItemDecider } from './item-decider.ts'
import { Joins } from './joins.ts'
import { Lanes } from './lanes.ts'
import type { RowFilter } from './live-subscription.ts'
import { PullQueue } from './pull-queue.ts'
import { ReadRules } from './read-rules.ts'
import { ReadingTerms } from './reading-terms.ts'
import type { Registered } from './registry/registered.ts'
import type { Sql } from './registry/sql.ts'
import { Snapshots } from './snapshots.ts'
import type { SocketSet } from './socket-set.ts'
import { Subscriptions } from './subscriptions.ts'
import type { SyncEventSink } from './sync-event.ts'
import type { ResolvedOptions } from './sync-options.ts'
import type { SyncSocket } from './sync-socket.ts'
import { Underway } from './underway.ts'
import { Windows } from './windows.ts'

/** Everything that needs a registered, working installation. */
export interface Running {
  readonly installation: Installation
  readonly options: ResolvedOptions
  readonly announcer: Announcer
  readonly subscriptions: Subscriptions
  readonly pulls: PullQueue
  readonly greetings: Greetings
  readonly connections: Connections
  readonly dispatcher: FrameDispatcher
  readonly housekeeping: Housekeeping
  readonly snapshots: Snapshots
}

/** What outlives a further `registerSync`. */
export interface RunningHost {
  readonly object: Pick<EngineHost, 'ctx' | 'env' | 'parseToken'>
  readonly sql: Sql
  readonly sockets: SocketSet
  readonly backlog: Backlog
  readonly now: () => number
  readonly event: SyncEventSink
  /** What the last `registerSync` has put together; undefined while sync does not run. */
  current(): Running | undefined
  nextTurn(weight: number, run: () => void): void
  /** Runs `task` when what this turn wrote has been announced. */
  afterAnnouncement(task: () => Promise<unknown> | undefined): void
}

/** Makes the parts, and tells each of the others that it needs. */
export function putTogether(
  host: RunningHost,
  installation: Installation,
  clientIds: ClientIds,
  registry: Registered,
  options: ResolvedOptions,
  object: string,
): Running {
  const { sql, sockets, backlog, now, event } = host
  const { ctx, env } = host.object
  const allSockets = () => sockets
  const { log, lineage, meta, schemas, readers, filters, deferral, shapeOf } = installation
  const { storage } = ctx
  const { limits, retentionMs } = options
  const rules = new ReadRules({ collections: registry.collections, schemas, filters, event })
  const reading = new ReadingTerms({ schemas, filters, rules, shapeOf })
  const subscriptions = new Subscriptions({ sql: storage.sql, reading, limits })
  const failed = (table: string, error: unknown, filter?: RowFilter) => {
    event({ type: 'error', where: `reading "${table}"`, error })
    subscriptions.refuseUnreadable(sockets, table, filter)
  }
  const announcer = new Announcer({ log, lineage, readers, rules, event, failed })
  const flushTo = (socket: SyncSocket) => announcer.flush([socket], socket)
  const decider = new ItemDecider({
    storage,
    sql,
    env,
    limits,
    registry,
    schemas,
    deferral,
    event,
  })
  const lanes = new Lanes({
    storage,
    backlog,
    clientIds,
    decider,
    event,
    nextTurn: (weight, run) => host.nextTurn(weight, run),
    afterAnnouncement: (task) => host.afterAnnouncement(task),
  })
  const windows = new Windows({ readers, subscriptions, flushTo })
  const later = (ms: number, run: () => void) => void setTimeout(() => host.nextTurn(1, run), ms)
  const underway = new Underway(now)
  const pulls = new PullQueue({
    joins: new Joins({ log, lineage, readers, rules, subscriptions, windows, flushTo }),
    windows,
    subscriptions,
    limits,
    underway,
    event,
    later,
  })
  const handshake = new Handshake({
    log,
    lineage,
    clientIds,
    subscriptions,
    announcer,
    limits,
    event,
    object,
    now,
    sockets: allSockets,
  })
  const greetings = new Greetings({ handshake, underway, event, now, sockets: allSockets, later })
  const housekeeping = new Housekeeping({
    ctx,
    log,
    lineage,
    meta,
    clientIds,
    subscriptions,
    event,
    now,
    retentionMs,
    sockets: allSockets,
    flushAll: () => announcer.flush(sockets, 'all'),
  })
  const connections = new Connections({
    sockets,
    event,
    now,
    current: () => host.current()?.connections,
    parseToken: (token) => host.object.parseToken(token),
    principalOf: options.principal,
    makeRoom: (socket) => subscriptions.makeRoom(socket),
    reconsider: (socket) => {
      rules.forget(socket.claims)
      subscriptions.reconsider(socket)
    },
  })
  const dispatcher = new FrameDispatcher({
    limits,
    backlog,
    greetings,
    handshake,
    pulls,
    windows,
    lanes,
    clientIds,
    subscriptions,
    event,
    authenticate: (socket, token) => void connections.authenticate(socket, token),
  })
  const snapshots = new Snapshots({ log, lineage, readers, reading })
  return {
    installation,
    options,
    announcer,
    subscriptions,
    pulls,
    greetings,
    connections,
    dispatcher,
    housekeeping,
    snapshots,
  }
}
