// A program of its own: it uses a client until it is told to close it, and then has nothing left that keeps it alive.
import { doCollectionOptions, SyncError, WebSocketTransport } from '@durable-sync/core'
import { createCollection } from '@tanstack/db'
import { WebSocket } from 'ws'

export interface ClosingOrder {
  readonly url: string
  readonly use: 'nothing' | 'rows' | 'rows for a moment' | 'a write'
  /** `never`: it does not answer. */
  readonly address: 'known' | 'never'
}

/** What the program says in the end, as JSON on a line of its client. */
export interface ClosingReport {
  readonly codes: readonly string[]
  /** How often the application was called after `close()` had returned. */
  readonly late: number
}

const { url, use, address }: ClosingOrder = JSON.parse(process.argv[2] ?? '')
const transport = new WebSocketTransport({
  url: () => (address === 'known' ? url : new Promise<string>(() => {})),
  WebSocket,
})
const notes = createCollection(
  doCollectionOptions<{ id: string; slug: string; title: string }>({ transport, table: 'notes' }),
)
const { client } = notes.utils
const codes: string[] = []
const endings: Promise<void>[] = []
let calls = 0
client.status.subscribe(() => {
  calls++
  process.send?.(client.status.get().state)
})
notes.utils.syncState.subscribe(() => process.send?.(`rows ${notes.utils.syncState.get().phase}`))

const note = (error: unknown) => void codes.push(error instanceof SyncError ? error.code : String(error))
if (use !== 'nothing') notes.subscribeChanges(() => {})
if (use === 'rows for a moment') {
  client.status.subscribe(() => {
    if (client.status.get().state === 'connected') setTimeout(() => void notes.cleanup(), 50)
  })
}
if (use === 'a write') {
  const tx = notes.insert({ id: 'a', slug: 'a', title: 'a' })
  const call = client.call.tally?.({ name: 'a', ms: 0 })
  for (const promise of [tx.isPersisted.promise, call])
    if (promise) endings.push(promise.then(() => {}, note))
}

process.once('message', async () => {
  await client.close()
  const before = calls
  await Promise.all(endings)
  process.once('exit', () =>
    console.log(JSON.stringify({ codes, late: calls - before } satisfies ClosingReport)),
  )
  process.disconnect()
})
process.send?.('started')
