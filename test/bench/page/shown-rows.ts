import { doCollectionOptions, indexedDBStorage, SyncClient, WebSocketTransport } from '@durable-sync/core'
import { createCollection } from '@tanstack/db'
import { type Row, rowsFrom } from '../row.ts'
import type { registry } from '../worker/registry.ts'
import { readRecords } from './record-a-row.ts'

/** What there is on screen. */
export interface Screen {
  /** Rows. */
  readonly size: number
  /** When the first row was there, in milliseconds since the page was asked for. */
  readonly firstRowAt: number | undefined
  /** Whether the server was heard by then. */
  readonly source: 'kept' | 'server' | undefined
}

interface Shown {
  readonly size: number
  subscribeChanges(hear: () => void, options: { includeInitialState: true }): unknown
}

let shown: Shown | undefined
let firstRowAt: number | undefined
let source: Screen['source']
/** Of the time before `firstRowAt`, in milliseconds: it went into making the rows that others would have. */
let making = 0
let leaving = async (): Promise<void> => {}

export const screen = (): Screen => ({ size: shown?.size ?? 0, firstRowAt, source })

/** Closes the client; what has arrived is kept then. */
export const leave = (): Promise<void> => leaving()

function watch(collection: Shown, heard: () => Screen['source']): void {
  shown = collection
  const hear = () => {
    if (collection.size === 0 || firstRowAt !== undefined) return
    firstRowAt = performance.now() - making
    source = heard()
  }
  collection.subscribeChanges(hear, { includeInitialState: true })
}

/** The whole client, as an application uses it. */
function showClient(url: string, user: string): void {
  const client = new SyncClient<typeof registry>({
    transport: new WebSocketTransport({ url }),
    storage: indexedDBStorage({ name: 'bench', user }),
    settleOn: 'device',
    keptAs: { endpoint: 'bench', room: 'room' },
  })
  leaving = () => client.close()
  const rows = createCollection(doCollectionOptions({ client, table: 'messages' }))
  watch(rows, () => (client.status.get().state === 'connected' ? 'server' : 'kept'))
}

/** The floor: a collection that is fed by hand with one record for each row. */
function showRecords(name: string): void {
  const rows = createCollection<Row, string>({
    getKey: ({ id }) => id,
    sync: {
      rowUpdateMode: 'full',
      sync: ({ begin, write, commit, markReady }) => {
        void readRecords(name).then((records) => {
          begin()
          for (const value of records) write({ type: 'insert', value })
          commit()
          markReady()
        })
      },
    },
  })
  watch(rows, () => 'kept')
}

/** TanStack DB alone: the rows are in memory. */
function showMemory(count: number): void {
  const start = performance.now()
  const made = rowsFrom(0, count)
  making = performance.now() - start
  const rows = createCollection<Row, string>({
    getKey: ({ id }) => id,
    sync: {
      rowUpdateMode: 'full',
      sync: ({ begin, write, commit, markReady }) => {
        begin()
        for (const value of made) write({ type: 'insert', value })
        commit()
        markReady()
      },
    },
  })
  watch(rows, () => 'kept')
}

/** What the address of the page asks for. */
const asked = new URLSearchParams(location.search)
const [show, url, name] = ['show', 'url', 'name'].map((key) => asked.get(key) ?? '')
if (show === 'product') showClient(url ?? '', name ?? '')
if (show === 'floor') showRecords(name ?? '')
if (show === 'memory') showMemory(Number(name))
