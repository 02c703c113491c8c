import type { TransactionLike } from '../collection/collection-options-shape.ts'
import { createMutationFn } from '../collection/mutation-handlers.ts'
import { memoryStorage } from '../persistence/memory-storage.ts'
import type { Storage } from '../persistence/storage.ts'
import type { SessionTimings } from '../session/session-timings.ts'
import type { ConnectionStatus } from '../status/connection-status.ts'
import type { PendingWrites } from '../status/pending-writes.ts'
import type { Readable } from '../status/readable.ts'
import type { Transport } from '../transport/transport.ts'
import type { SyncApi, SyncApiOf } from '../wire/index.ts'
import { type CommandCaller, commandCaller } from './command-caller.ts'
import { defaultEnvironment, type Environment } from './environment.ts'
import { SyncEngine } from './sync-engine.ts'

export interface SyncClientOptions {
  /** The pipe to one Durable Object. It belongs to this client alone. */
  readonly transport: Transport
  /** Where writes are kept until the server has decided them. Default: in memory, gone with the page. */
  readonly storage?: Storage
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
  readonly #confirmations = new WeakMap<object, Promise<void>>()

  constructor({ transport, storage, timings, environment }: SyncClientOptions) {
    const engine = new SyncEngine({
      transport,
      storage: storage ?? memoryStorage(),
      timings: timings ?? {},
      environment: environment ?? defaultEnvironment(),
    })
    this.#engine = engine
    engines.set(this, engine)
    this.status = engine.session.status
    this.pendingWrites = engine.outbox.pending
    this.call = commandCaller((work) => engine.outbox.write(work))
    this.mutationFn = createMutationFn({
      client: this,
      writers: engine.writers,
      confirmations: this.#confirmations,
      write: (work) => engine.outbox.write(work),
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
    await (this.#confirmations.get(transaction) ?? transaction.isPersisted.promise)
  }

  /**
   * Goes on after `needs-auth` or `failed`. A `token` is used for the next connection, and handed to the server at once when connected.
   */
  resume(options: { readonly token?: string } = {}): void {
    this.#engine.session.resume(options)
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

const engines = new WeakMap<object, SyncEngine>()

/** The inside of a client, for the collections of this package. */
export function engineOf(client: object): SyncEngine {
  const engine = engines.get(client)
  if (!engine) throw new TypeError('not a SyncClient of this copy of @durable-sync/core')
  return engine
}
