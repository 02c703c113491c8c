import type { TransactionLike } from '../collection/collection-options-shape.ts'
import { createMutationFn } from '../collection/mutation-handlers.ts'
import { roomWriteKeeper } from '../outbox/room-write-keeper.ts'
import type { Written } from '../outbox/written.ts'
import { memoryDevice } from '../persistence/memory-device.ts'
import type { StorageFactory } from '../persistence/room-storage.ts'
import type { SessionTimings } from '../session/session-timings.ts'
import type { ConnectionStatus } from '../status/connection-status.ts'
import type { FailedWrites } from '../status/failed-writes.ts'
import type { PendingWrites } from '../status/pending-writes.ts'
import type { Readable } from '../status/readable.ts'
import type { Transport } from '../transport/transport.ts'
import type { SyncApi, SyncApiOf } from '../wire/index.ts'
import { type CommandCaller, commandCaller } from './command-caller.ts'
import { defaultEnvironment, type Environment } from './environment.ts'
import { keepingOf } from './keeping-of.ts'
import { SyncEngine } from './sync-engine.ts'

export interface SyncClientOptions {
  /** The pipe to one Durable Object. It belongs to this client alone. */
  readonly transport: Transport
  /**
   * Where rows and unsent writes are kept beyond the page: `indexedDBStorage({ name, user })`. Default: nowhere, and unsent writes are gone
   * with the page. With it, say `settleOn`.
   */
  readonly storage?: StorageFactory
  /**
   * When a transaction is persisted (`tx.isPersisted`). `server`: once the server has confirmed it; it rejects when the server refuses.
   * `device`: once it is kept on this device; what the server says of it is on `whenConfirmed` and `failedWrites`. Default without storage:
   * `server`. With storage it must be said.
   */
  readonly settleOn?: 'server' | 'device'
  /**
   * Under which names the storage keeps what belongs to this object. Default: the origin and the path of the transport's URL; needed where
   * that is a function.
   */
  readonly keptAs?: { readonly endpoint: string; readonly room: string }
  /**
   * The version of the app's own schema, by which a later version of the app knows what it finds of unsent writes. Default 1.
   */
  readonly schemaVersion?: number
  /** Waiting times of the connection, in milliseconds. Each has its own default. */
  readonly timings?: Partial<SessionTimings>
  /** The platform. Default: the browser's, or Node's. Only tests hand in their own. */
  readonly environment?: Environment
}

/**
 * The client of one Durable Object: one socket, shared by all its collections. It connects when a collection is used or a write is made,
 * and not before. `Api` is the type of the server's registry: `new SyncClient<typeof registry>(…)`, imported as a type.
 */
export class SyncClient<Api = SyncApi> {
  /** What happens next with the connection, and who has to act. */
  readonly status: Readable<ConnectionStatus>
  /** Writes and commands that are not settled, oldest first. */
  readonly pendingWrites: Readable<PendingWrites>
  /** Writes that the server refused, or of which nobody can say what became, until they are retried or discarded. */
  readonly failedWrites: Readable<FailedWrites>
  /**
   * The commands of the server. Each resolves with the command's result, once and for good, over however many connections it takes.
   * Rejects with `MutationRejectedError`, or with `OutcomeUnknownError` when nobody can say whether it ran.
   */
  readonly call: CommandCaller<SyncApiOf<Api>>
  /**
   * For `createTransaction({ mutationFn: client.mutationFn })`: everything that the transaction changes, in however many collections of
   * this client, becomes one mutation that the server runs whole or not at all. Rejects with `ProtocolError`
   * `transaction-spans-objects` when it touches a collection that is not this client's.
   */
  readonly mutationFn: (params: { transaction: TransactionLike }) => Promise<void>
  readonly #engine: SyncEngine
  readonly #written = new WeakMap<object, Written>()

  /** @throws ProtocolError `settle-on-missing`, `settle-on-device`, `kept-as-missing`: options that do not go together. */
  constructor(options: SyncClientOptions) {
    const { transport, timings, environment = defaultEnvironment() } = options
    const { settleOn, kept } = keepingOf(options, environment)
    const engine = new SyncEngine({
      transport,
      timings: timings ?? {},
      environment,
      kept,
      memory,
      schemaVersion: options.schemaVersion ?? 1,
    })
    this.#engine = engine
    engines.set(this, engine)
    this.status = engine.status
    this.pendingWrites = started(engine, engine.outbox.pending)
    this.failedWrites = started(engine, engine.outbox.failed)
    this.call = commandCaller((work) => engine.write(work).confirmed)
    this.mutationFn = createMutationFn({
      client: this,
      writers: engine.writers,
      pending: engine.pending,
      settleOn,
      written: this.#written,
      write: (work, before) => engine.write(work, before),
    })
  }

  /**
   * Resolves when the server has confirmed the transaction and its rows have been handed to the collections. Rejects with
   * `MutationRejectedError` when the server refused it, with `OutcomeUnknownError` when nobody can say. For a transaction that has not
   * been committed yet, or that is not this client's, it follows the transaction's own promise.
   */
  async whenConfirmed(transaction: {
    readonly isPersisted: { readonly promise: Promise<unknown> }
  }): Promise<void> {
    await (this.#written.get(transaction)?.confirmed ?? transaction.isPersisted.promise)
  }

  /**
   * Resolves when the transaction is kept on this device: it will reach the server also from the next page. Rejects when it could not be.
   * Without storage that is at once.
   */
  async whenStored(transaction: {
    readonly isPersisted: { readonly promise: Promise<unknown> }
  }): Promise<void> {
    await (this.#written.get(transaction)?.stored ?? transaction.isPersisted.promise)
  }

  /**
   * Writes the same again, as a new write in the place of a failed one. Resolves and rejects as the write itself.
   * @throws ProtocolError `failed-write-unknown`, or `write-unreadable`, by rejecting.
   */
  async retryFailed(id: string): Promise<void> {
    await this.#engine.outbox.retry(id).confirmed
  }

  /** Lets go of a failed write, for good. */
  discardFailed(id: string): Promise<void> {
    return this.#engine.outbox.discard(id)
  }

  /**
   * Takes back a write that was never sent: it is rolled back here, and its promise rejects with `discarded`.
   * @throws ProtocolError `write-sent`, by rejecting, when it may have been sent.
   */
  discardPending(id: string): Promise<void> {
    return this.#engine.outbox.discardPending(id)
  }

  /**
   * Goes on after `needs-auth` or `failed`. A `token` is used for the next connection, and handed to the server at once when connected.
   */
  resume(options: { readonly token?: string } = {}): void {
    this.#engine.resume(options)
  }

  /**
   * Closes the connection, for good. Writes that were never sent reject with `ConnectionError` `client-closed-unsent`, those that may have
   * happened with `OutcomeUnknownError` `client-closed`; both are rolled back here. Collections keep their rows; one that waits
   * for its first rows becomes an error with `ProtocolError` `client-closed`.
   */
  close(): Promise<void> {
    return this.#engine.close()
  }
}

const memory = () => roomWriteKeeper(memoryDevice().open('').room(''))

/** What is kept is read as soon as somebody wants to know. */
const started = <T>(engine: SyncEngine, { get, subscribe }: Readable<T>): Readable<T> => ({
  get,
  subscribe: (onChange) => {
    engine.start()
    return subscribe(onChange)
  },
})

const engines = new WeakMap<object, SyncEngine>()

/** The inside of a client, for the collections of this package. */
export function engineOf(client: object): SyncEngine {
  const engine = engines.get(client)
  if (!engine) throw new TypeError('not a SyncClient of this copy of @durable-sync/core')
  return engine
}
