import { ProtocolError } from '../errors.ts'
import { type CollectionSyncState, IDLE } from '../status/collection-sync-state.ts'
import type { RowSink } from '../stream/row-commit.ts'
import type { Predicate } from '../wire/index.ts'
import { CollectionFeed } from './collection-feed.ts'
import type { CollectionHost, FedCollection } from './collection-host.ts'
import type { RowLookup, SyncRun, SyncSurface } from './collection-options-shape.ts'
import { type AnyWhere, collectionWhere } from './collection-where.ts'
import type { PageRows } from './page-rows.ts'
import { reportRefusal } from './refusal-report.ts'
import { SubsetRequests } from './subset-requests.ts'
import { SyncWriter } from './sync-writer.ts'

export interface MountOptions<Row extends object> {
  readonly table: string
  readonly where: AnyWhere | undefined
  readonly syncMode: 'eager' | 'on-demand'
  readonly getKey: (row: Row) => string
  readonly tell: (state: CollectionSyncState) => void
  /** What was in the collection before it is fed. */
  readonly page: PageRows
  /** What feeds the collection from here on, for those who count; undefined when nothing does. */
  readonly fed: (feed: Pick<CollectionFeed<Row>, 'counts'> | undefined) => void
}

/** Feeds one sync run of a TanStack collection from the stream. */
export function mountCollection<Row extends object>(
  host: CollectionHost,
  surface: SyncSurface<Row>,
  options: MountOptions<Row>,
): SyncRun {
  // On a server nobody clears anything up (Vue's live queries begin here and never end), so nobody may get to know of the collection.
  const views = host.place === 'server' ? undefined : host.pending
  const pending = views?.rows<Row>()
  const writer = new SyncWriter(surface, options.getKey, pending && views?.over(pending))
  const feed = new CollectionFeed(writer)
  const detachPage = options.page.begin(surface.collection, {
    takeOut: (keys) => feed.takeOut(keys),
    show: (shape) => feed.show(shape, host.report),
  })
  pending?.holdBy(() => feed.wholes)
  writer.whenRetired(() => options.page.retired())
  host.writers.set(surface.collection, writer)
  const detach = views?.attach(options.table, writer)
  options.fed(feed)
  const { table, syncMode } = options
  const fed: FedCollection = {
    id: surface.collection.id ?? table,
    table,
    syncMode,
    feed,
    state: IDLE,
    dropPageRows: () => options.page.settle(),
    closed: () => closed?.(),
  }
  const tell = (state: CollectionSyncState) => {
    // What is rendered on a server must be what a browser renders first.
    if (host.place === 'server') return
    try {
      if (state.phase === 'live') options.page.settle()
    } catch (error) {
      // Of a listener of the application.
      host.report(error)
    }
    const { broken } = writer
    fed.state = broken && state.phase !== 'idle' ? { phase: 'error', error: broken } : state
    options.tell(fed.state)
  }
  const mounting = { table, feed, writer, tell, page: options.page }
  const begin = (): FedRun => {
    let where: Predicate | undefined
    try {
      where = collectionWhere(options.where, surface.collection)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      reportRefusal(host, table, error)
      return failed(writer, error, tell)
    }
    if (where) pending?.limitTo(where)
    return syncMode === 'eager'
      ? mountEager(host, { ...mounting, where })
      : mountOnDemand(host, { ...mounting, where }, surface.collection)
  }
  const { closed, ...run } = begin()
  // Nobody ends it on a server.
  if (host.place === 'page') host.collections?.add(fed)
  const cleanup = () => {
    detachPage()
    detach?.()
    host.collections?.delete(fed)
    run.cleanup()
    // The collection may be there for as long as the page, and its rows must not.
    options.fed(undefined)
    host.writers.delete(surface.collection)
  }
  return { ...run, cleanup }
}

interface FedRun extends SyncRun {
  /** The client is closed. */
  readonly closed?: () => void
}

interface Mounting<Row extends object> {
  readonly table: string
  readonly where: Predicate | undefined
  readonly feed: CollectionFeed<Row>
  readonly writer: SyncWriter<Row>
  readonly tell: (state: CollectionSyncState) => void
  readonly page: PageRows
}

function mountEager<Row extends object>(
  host: CollectionHost,
  { table, where, feed, writer, tell, page }: Mounting<Row>,
): SyncRun {
  const sink: RowSink = {
    group: feed,
    ready: () => writer.ready(),
    nothingKept: () => writer.showPending(),
    refuse: (error, rows) => {
      reportRefusal(host, table, error)
      if (rows === 'none') writer.fail(error)
    },
    state: tell,
    closed: () => {},
  }
  feed.add(sink, where)
  const spec = { collection: table, ...(where ? { where } : {}) }
  const subscribed = host.mount(spec, sink, 'eager', page.of(spec, host))
  return { cleanup: () => subscribed.end() }
}

function mountOnDemand<Row extends object>(
  host: CollectionHost,
  { table, where, feed, writer, tell, page }: Mounting<Row>,
  collection: RowLookup,
): FedRun {
  const receipt = () => writer.receipt
  const requests = new SubsetRequests({ host, collection, table, where, feed, receipt, tell, page })
  writer.ready()
  return {
    cleanup: () => requests.end(),
    loadSubset: (request) => requests.load(request),
    unloadSubset: (request) => requests.unload(request),
    closed: () => requests.close(),
  }
}

/** Nothing is asked of the server: what was meant is not known. */
function failed<Row extends object>(
  writer: SyncWriter<Row>,
  error: ProtocolError,
  tell: (state: CollectionSyncState) => void,
): SyncRun {
  writer.break(error)
  tell({ phase: 'error', error })
  const refuse = () => Promise.reject(error)
  return { cleanup: () => tell(IDLE), loadSubset: refuse, unloadSubset: () => {} }
}
