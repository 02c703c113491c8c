import type { CollectionHost } from '../collection/collection-host.ts'
import type { TransactionLike } from '../collection/collection-options-shape.ts'
import { createMutationFn } from '../collection/mutation-handlers.ts'
import { observing } from '../observer/observe.ts'
import { observeReadables } from '../observer/observe-readables.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { Written } from '../outbox/written.ts'
import type { ConnectionStatus } from '../status/connection-status.ts'
import type { FailedWrites } from '../status/failed-writes.ts'
import type { PendingWrites } from '../status/pending-writes.ts'
import type { Readable } from '../status/readable.ts'
import type { TabRole } from '../tabs/tabs.ts'
import type { Snapshot, SyncApi, SyncApiOf } from '../wire/index.ts'
import { ClientInside } from './client-inside.ts'
import { type CommandCaller, commandCaller } from './command-caller.ts'
import { CommandGate } from './command-gate.ts'
import { asPage, defaultEnvironment } from './environment.ts'
import { keepingOf, placeOf, settlingOf } from './keeping-of.ts'
import type { LogoutOptions } from './logout.ts'
import { warnWhenPaused } from './pause-warning.ts'
import type { StorageReadable } from './storage-status.ts'
import type { SyncClientOptions } from './sync-client-options.ts'
import { SyncEngine } from './sync-engine.ts'

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
   * Whether this tab speaks with the server: `leader` for all tabs of this browser, `follower` through another one, `alone` for itself, as
   * without storage, or where tabs cannot find each other.
   */
  readonly tab: Readable<TabRole>
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
  /** How well this device keeps what belongs to the user, and how much room it takes. */
  readonly storage: StorageReadable
  readonly #inside: ClientInside
  readonly #written = new WeakMap<object, Written>()

  /** @throws ProtocolError `settle-on-missing`, `settle-on-device`, `kept-as-missing`: options that do not go together. */
  constructor(options: SyncClientOptions) {
    const { transport, timings, environment: given = defaultEnvironment() } = options
    const environment = transport.dials === 'from-pages' ? given : asPage(given)
    const settleOn = settlingOf(options)
    const { kept, ...keeping } = keepingOf(options, environment)
    const { observer } = options
    const observed = observer && { ...(options.keptAs ?? placeOf(options, environment) ?? NOWHERE) }
    const observe = observer && observed && observing(observer, observed, environment)
    const engine = new SyncEngine({
      transport,
      timings: timings ?? {},
      environment,
      kept,
      schemaVersion: options.schemaVersion ?? 1,
      observe,
    })
    const inside = new ClientInside({ ...keeping, engine, environment, observed })
    this.#inside = inside
    insides.set(this, inside)
    this.status = engine.status
    warnWhenPaused(engine.status)
    this.pendingWrites = started(engine, engine.outbox.pending)
    this.tab = engine.role
    this.failedWrites = started(engine, engine.outbox.failed)
    this.storage = inside.device.status
    if (observe) {
      const { status, tab, storage } = this
      observeReadables({ status, tab, storage, isClosed: () => inside.isClosed }, observe)
    }
    const queued = options.queueCommands ?? (options.storage ? 'none' : 'all')
    const gate = new CommandGate({
      queued,
      status: engine.status,
      write: (work) => inside.write(work),
      takeBack: (id) => engine.discardPending(id),
    })
    this.call = commandCaller((work) => gate.call(work))
    this.mutationFn = createMutationFn({
      client: this,
      writers: engine.writers,
      pending: engine.pending,
      report: engine.report,
      settleOn,
      written: this.#written,
      write: (work, before) => inside.write(work, before),
    })
  }

  /**
   * Rows that a server has read for this page (`snapshot` of the object): collections of exactly these rows show them at once, without a
   * connection, and the browser goes on from their position. Call it before anything is rendered: on the server with a client that was made for
   * this request alone, then in the page with the same snapshots, which are JSON. In a page each is forgotten after 10 seconds, and when the client is
   * closed; one that was handed over before is not taken again. What is no snapshot, or has the rows of another user than the `storage`, is reported
   * (`snapshot-invalid`) and left out.
   */
  hydrate(snapshots: Snapshot | readonly Snapshot[]): void {
    this.#inside.engine.hydrate(Array.isArray(snapshots) ? snapshots : [snapshots])
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
   * Without storage that is at once, and where the device keeps nothing: `storage` has the health `memory` then.
   */
  async whenStored(transaction: {
    readonly isPersisted: { readonly promise: Promise<unknown> }
  }): Promise<void> {
    await (this.#written.get(transaction)?.stored ?? transaction.isPersisted.promise)
  }

  /**
   * Writes the same again, as a new write in the place of a failed one. Resolves and rejects as the write itself; who does not look at that
   * finds it among the failed writes again, under another id, when it is refused again.
   * @throws ProtocolError `failed-write-unknown`, or `write-unreadable`, by rejecting.
   */
  retryFailed(id: string): Promise<void> {
    const retry = async () => void (await (await this.#outbox()).retry(id).confirmed)
    const retried = retry()
    // A button's handler has nothing to add to what the list says.
    retried.catch(() => {})
    return retried
  }

  /** Lets go of a failed write, for good. */
  async discardFailed(id: string): Promise<void> {
    await (await this.#outbox()).discard(id)
  }

  /**
   * Takes back a write that was never sent: it is rolled back here, and its promise rejects with `discarded`.
   * @throws ProtocolError `write-sent`, by rejecting, when it may have been sent.
   */
  async discardPending(id: string): Promise<void> {
    await this.#inside.whenKnown()
    await this.#inside.engine.discardPending(id)
  }

  /**
   * Goes on after `needs-auth` or `failed`. A `token` is used for the next connection, and handed to the server at once when connected.
   */
  resume(options: { readonly token?: string } = {}): void {
    this.#inside.engine.resume(options)
  }

  /**
   * Closes the connection, for good. Writes that are kept on this device reject with `ConnectionError` `client-closed-kept`: the next client
   * sends them. Without storage, writes that were never sent reject with `ConnectionError` `client-closed-unsent`, those that may have
   * happened with `OutcomeUnknownError` `client-closed`; all are rolled back here. Collections keep their rows; one that waits
   * for its first rows becomes an error with `ProtocolError` `client-closed`.
   */
  close(): Promise<void> {
    return this.#inside.close()
  }

  /**
   * Signs the user out of this device: closes every client that has the same storage, in every tab, takes their rows off the screen, and
   * forgets what is kept, in all rooms. For good: whoever signs in next needs a new client. Without storage it concerns this client alone.
   * @throws ProtocolError by rejecting: `unsent-writes` while writes would be lost that `pending` does not speak of, and nothing has
   * happened then; `purge-failed` when something is still kept.
   */
  logout(options: LogoutOptions = {}): Promise<void> {
    return this.#inside.device.logout(options)
  }

  /** What is kept is known to it. */
  async #outbox(): Promise<Outbox> {
    await this.#inside.whenKnown()
    return this.#inside.engine.outbox
  }
}

const NOWHERE = { endpoint: '', room: '' }

/** What is kept is read as soon as somebody wants to know. */
const started = <T>(engine: SyncEngine, { get, subscribe }: Readable<T>): Readable<T> => ({
  get,
  subscribe: (onChange) => {
    engine.start()
    return subscribe(onChange)
  },
})

const insides = new WeakMap<object, ClientInside>()

/** The inside of a client, for the rest of this package. */
export function insideOf(client: object): ClientInside {
  const inside = insides.get(client)
  if (!inside) throw new TypeError('not a SyncClient of this copy of @durable-sync/core')
  return inside
}

/** What feeds the collections of a client. */
export const engineOf = (client: object): CollectionHost => insideOf(client)
