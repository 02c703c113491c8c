import { SyncClient } from '../client/sync-client.ts'
import type { SyncClientOptions } from '../client/sync-client-options.ts'
import { rowDecoder } from '../collection/decode-row.ts'
import { MutationRejectedError, ProtocolError } from '../errors.ts'
import { encodeRow } from '../outbox/encode-op.ts'
import type { SessionTimings } from '../session/session-timings.ts'
import type { Transport } from '../transport/transport.ts'
import type {
  Kinds,
  Outcome,
  PushItem,
  RefusalCode,
  Snapshot,
  SnapshotRequest,
  SyncApi,
} from '../wire/index.ts'
import { roomSnapshot, snapshotRefused } from './room-snapshot.ts'
import { TestLine } from './test-line.ts'
import { type StoredRow, TestRoom } from './test-room.ts'
import type { TestRejection, TestServer, TestServerOptions } from './test-server.ts'

/** Nobody waits for a backoff. */
const QUICK: Partial<SessionTimings> = {
  lostAfterMs: 20,
  lingerMs: 1,
  firstWindowMs: 1,
  wokeWindowMs: 1,
  backoffBaseMs: 1,
  backoffCapMs: 10,
}

/**
 * Makes a Durable Object in memory, and clients of it, so that components are tested without a Worker, a socket or a wait:
 * `const server = createTestServer<typeof registry>({ collections: { tasks: { columns: { done: 'boolean' } } } })`, then
 * `createCollection(doCollectionOptions({ client: server.client(), table: 'tasks' }))`. Without fake timers everything happens in microtasks and a few
 * milliseconds; with them, advance the time asynchronously.
 * @throws ProtocolError `unknown-collection` for a table that `collections` does not name, `key-invalid` and `value-invalid` for rows that cannot be
 * stored; from here and from its methods.
 */
export function createTestServer<Api = SyncApi>(options: TestServerOptions<Api>): TestServer<Api> {
  const server = new Server(options as TestServerOptions<SyncApi>)
  // Which rows a table has is known to the type alone.
  return server as object as TestServer<Api>
}

/** A collection, whatever its rows. */
interface ErasedCollection {
  readonly pk?: string
  readonly columns?: Kinds
  readonly rows?: readonly object[]
}

class Server implements TestServer<SyncApi> {
  readonly #options: TestServerOptions<SyncApi>
  readonly #room = new TestRoom()
  readonly #lines = new Set<TestLine>()
  readonly #clients = new Set<SyncClient>()
  readonly #refused = new Map<string, RefusalCode>()
  readonly #rejections: TestRejection[] = []
  #answers: 'arrive' | 'held' = 'arrive'
  #network: 'on' | 'off' = 'on'

  constructor(options: TestServerOptions<SyncApi>) {
    this.#options = options
    this.#room.run = (item) => this.#run(item)
    for (const [table, collection = {}] of Object.entries(options.collections)) {
      const { pk, columns = {}, rows = [] } = collection as ErasedCollection
      if (pk !== undefined) this.#room.keys[table] = pk
      this.#room.kinds[table] = columns
      this.put(table, ...rows)
    }
  }

  get connections(): number {
    return [...this.#lines].filter(({ isOpen }) => isOpen).length
  }

  get subscriptions(): number {
    return [...this.#lines].reduce((sum, { joined }) => sum + joined.size, 0)
  }

  readonly client = (options: Omit<SyncClientOptions, 'transport'> = {}): SyncClient => {
    const timings = { ...QUICK, ...options.timings }
    const client = new SyncClient({ ...options, transport: this.transport(), timings })
    this.#clients.add(client)
    return client
  }

  readonly transport = (): Transport => {
    const line = new TestLine(this.#room)
    line.principal = this.#options.user ?? 'me'
    line.refuses = ({ collection }) => this.#refusalOf(collection)
    line.passes = () => this.#answers === 'arrive'
    line.reaches = () => this.#network === 'on'
    this.#lines.add(line)
    return line
  }

  readonly rows = (table: string): object[] => {
    const { kinds } = this.#room
    this.#mustKnow(table)
    const rows = [...this.#room.table(table)].sort(([a], [b]) => (a < b ? -1 : 1))
    return rows.map(([, row]) => rowDecoder(Object.keys(row), kinds[table] ?? {})(Object.values(row)))
  }

  readonly put = (table: string, ...rows: readonly object[]): void => {
    const stored = rows.map((row) => this.#stored(table, row))
    for (const row of stored) this.#room.put(table, row)
    this.#room.announce()
  }

  readonly delete = (table: string, ...keys: readonly string[]): void => {
    this.#mustKnow(table)
    for (const key of keys) this.#room.remove(table, key)
    this.#room.announce()
  }

  readonly snapshot = (request: SnapshotRequest): Snapshot => {
    this.#mustKnow(request.table)
    const refusal = this.#refused.get(request.table)
    if (refusal) throw snapshotRefused(refusal, `refused with ${refusal}`)
    return roomSnapshot(this.#room, this.#options.user ?? 'me', request)
  }

  readonly rejectNext = (rejection: TestRejection = {}): void => void this.#rejections.push(rejection)

  readonly refuse = (table: string, code: RefusalCode = 'read-denied'): void => {
    this.#mustKnow(table)
    this.#refused.set(table, code)
    for (const line of this.#lines) line.restart(table)
  }

  readonly serve = (table: string): void => {
    this.#mustKnow(table)
    this.#refused.delete(table)
  }

  readonly hold = (): void => {
    this.#answers = 'held'
  }

  readonly release = (): void => {
    this.#answers = 'arrive'
    for (const line of this.#lines) line.release()
  }

  readonly disconnect = (): void => {
    this.#network = 'off'
    for (const line of this.#lines) line.drop()
  }

  readonly reconnect = (): void => {
    this.#network = 'on'
  }

  readonly close = async (): Promise<void> => {
    const clients = [...this.#clients]
    this.#clients.clear()
    await Promise.all(clients.map((client) => client.close()))
    this.disconnect()
  }

  #refusalOf(table: string): RefusalCode | undefined {
    return this.#knows(table) ? this.#refused.get(table) : 'unknown-collection'
  }

  #run(item: PushItem): Outcome {
    const rejection = item.do === 'skip' ? undefined : this.#rejections.shift()
    if (rejection) {
      const { code = 'denied', message = 'not allowed', details } = rejection
      return { is: 'rejected', code, message, ...(details === undefined ? {} : { details }) }
    }
    if (item.do === 'skip') return { is: 'skipped' }
    if (item.do === 'call') return this.#call(item.name, item.args)
    const unknown = item.ops.find(({ collection }) => !this.#knows(collection))?.collection
    if (unknown === undefined) return this.#room.mutate(item.ops)
    return { is: 'rejected', code: 'unknown-collection', message: `there is no collection "${unknown}"` }
  }

  #call(name: string, args: unknown): Outcome {
    const { commands = {} } = this.#options
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (!command) return { is: 'rejected', code: 'unknown-command', message: `there is no command "${name}"` }
    try {
      return { is: 'committed', result: command(args, this) }
    } catch (error) {
      if (error instanceof MutationRejectedError) {
        const { code, reason: message, details } = error
        return { is: 'rejected', code, message, ...(details === undefined ? {} : { details }) }
      }
      return { is: 'rejected', code: 'execute-failed', message: String(error) }
    }
  }

  #stored(table: string, row: object): StoredRow {
    this.#mustKnow(table)
    const stored = this.#room.storedRow(table, encodeRow(row))
    const column = this.#room.keyColumn(table)
    const key = Object.hasOwn(stored, column) ? stored[column] : undefined
    if (typeof key === 'string' && key !== '') return stored
    throw new ProtocolError('key-invalid', `The key of "${table}" is "${column}": text that is not empty`)
  }

  #knows(table: string): boolean {
    const { collections } = this.#options
    return Object.hasOwn(collections, table) && collections[table] !== undefined
  }

  #mustKnow(table: string): void {
    if (this.#knows(table)) return
    throw new ProtocolError(
      'unknown-collection',
      `The test server has no collection "${table}"; name it in \`collections\``,
    )
  }
}
