import { doCollectionOptions, SyncClient, WebSocketTransport } from '@durable-sync/core'
import { createCollection } from '@tanstack/db'
import { WebSocket } from 'ws'
import { controlOf } from '../control.ts'
import { cpuTime } from '../cpu-time.ts'
import { filledRoom } from '../filled-room.ts'
import { all } from '../patience.ts'
import { rowAt } from '../row.ts'
import { whenRows } from '../row-collection.ts'
import { percentile } from '../statistics.ts'
import type { registry } from '../worker/registry.ts'
import type { RoomCounts } from '../worker/room-verbs.ts'
import { tableNames } from '../worker/table.ts'
import type { Figure, Measurement } from '../workload.ts'
import type { Setting } from './growth.ts'

const READ = 'rows read, a write'
const WRITTEN = 'rows written, a write'
const CPU = 'CPU of the server, a write'
const CONFIRMED = 'write to confirmed, p50'
const VISIBLE = 'write to visible at the last client that has the row, p50'

export const FIGURES: readonly Figure[] = [
  { name: READ, unit: 'rows' },
  { name: WRITTEN, unit: 'rows' },
  { name: CPU, unit: 'ms' },
  { name: CONFIRMED, unit: 'ms' },
  { name: VISIBLE, unit: 'ms' },
]

export interface Server {
  readonly port: number
  readonly pid: number
}

type Client = ReturnType<typeof open>

const open = (port: number, room: string, user: string, { collections }: Setting, author?: string) => {
  const url = `ws://127.0.0.1:${port}/sync/${room}?user=${user}`
  const client = new SyncClient<typeof registry>({ transport: new WebSocketTransport({ url, WebSocket }) })
  const [messages, ...others] = tableNames(collections).map((name) =>
    createCollection(
      doCollectionOptions({
        client,
        // They differ by name only.
        table: name as 'messages',
        ...(author === undefined ? {} : { where: { author } }),
      }),
    ),
  )
  if (!messages) throw new Error('a room has a table')
  return { client, messages, all: [messages, ...others], author }
}

/** A room as its setting says, with a writer and readers, in which writes come one after another. */
export class GrownRoom {
  readonly #control: (verb: 'count' | 'counts') => Promise<RoomCounts | null>
  readonly #pid: number
  readonly #setting: Setting
  readonly #writer: Client
  readonly #readers: readonly Client[]
  #next: number

  private constructor(
    { port, pid }: Server,
    room: string,
    setting: Setting,
    writer: Client,
    readers: readonly Client[],
  ) {
    const control = controlOf(port, 'product')
    this.#control = (verb) => control(room, verb, null)
    this.#pid = pid
    this.#setting = setting
    this.#writer = writer
    this.#readers = readers
    this.#next = setting.rows
  }

  static async make(server: Server, setting: Setting): Promise<GrownRoom> {
    const control = controlOf(server.port, 'product')
    const { collections, filters, readers } = setting
    const room = await filledRoom(
      { control },
      setting.rows,
      collections === 1 ? '' : `shelves-${collections}-`,
    )
    const author = (i: number) => (filters === 0 ? undefined : `author-${i % filters}`)
    const writer = open(server.port, room, 'writer', setting)
    const made = Array.from({ length: readers }, (_, i) =>
      open(server.port, room, `user-${i}`, setting, author(i)),
    )
    await all(
      'all clients',
      [writer, ...made].flatMap((client) => client.all.map((collection) => collection.preload())),
    )
    return new GrownRoom(server, room, setting, writer, made)
  }

  async timed(writes: number): Promise<Measurement> {
    const confirmed: number[] = []
    const visible: number[] = []
    const used = cpuTime(this.#pid)
    for (let i = 0; i < writes; i++) {
      const [start, confirmedAt, visibleAt] = await this.#write()
      confirmed.push(confirmedAt - start)
      visible.push(visibleAt - start)
    }
    const { server } = used()
    return {
      ...(server !== undefined && { [CPU]: server / writes }),
      [CONFIRMED]: percentile(confirmed, 0.5),
      [VISIBLE]: percentile(visible, 0.5),
    }
  }

  /** Counting costs time, and never ends: nothing is timed after this. */
  async counted(writes: number): Promise<Measurement> {
    await this.#control('count')
    for (let i = 0; i < writes; i++) await this.#write()
    const counts = await this.#control('counts')
    if (!counts) throw new Error('the room does not count')
    return { [READ]: counts.rowsRead / writes, [WRITTEN]: counts.rowsWritten / writes }
  }

  async close(): Promise<void> {
    for (const { client, all: collections } of [this.#writer, ...this.#readers]) {
      await client.close()
      for (const collection of collections) await collection.cleanup()
    }
  }

  async #write(): Promise<[start: number, confirmed: number, visible: number]> {
    const n = this.#next++
    const { filters } = this.#setting
    const author = filters === 0 ? 'user-001' : `author-${n % filters}`
    const row = { ...rowAt(n), author }
    const seen = this.#readers
      .filter((reader) => reader.author === undefined || reader.author === author)
      .map(({ messages }) => whenRows(messages, (changes) => changes.some(({ key }) => key === row.id)))
    const start = performance.now()
    const { promise } = this.#writer.messages.insert(row).isPersisted
    const [confirmed, ...times] = await all('a write', [promise.then(() => performance.now()), ...seen])
    return [start, confirmed, Math.max(...times)]
  }
}
