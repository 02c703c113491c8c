import type { ClientInside } from '../client/client-inside.ts'
import type { Cancel } from '../client/environment.ts'
import { HeldCollection, type Shareable, type SharedCollection } from './held-collection.ts'

type SharingClient = Pick<ClientInside, 'environment' | 'pendingWrites' | 'whenClosed'>

/** How many clients have shared a collection: ids of two rooms must differ, also in one live query. */
let sharing = 0

/** The shared collections of one client, by what they show. */
export class SharedCollections {
  readonly #client: SharingClient
  readonly #held = new Map<string, HeldCollection<Shareable>>()
  #number: number | undefined
  #phase: 'open' | 'closed' = 'open'

  constructor(client: SharingClient) {
    this.#client = client
    client.whenClosed(() => this.#close())
  }

  /** The one of `table` that `key` names; the first time it is made, and told its id. */
  get<C extends Shareable>(key: string, table: string, create: (id: string) => C): SharedCollection<C> {
    // Whoever names the same rows has made the same kind of collection of them.
    const known = this.#held.get(key) as HeldCollection<C> | undefined
    if (known) return known
    this.#number ??= ++sharing
    const id = `${this.#number}/${key}`
    if (this.#client.environment.place === 'server')
      return { id, collection: create(id), retain: () => () => {} }
    const held = new HeldCollection({
      id,
      collection: create(id),
      later: (task, ms) => this.#later(task, ms),
      whenWritesChange: this.#client.pendingWrites.subscribe,
      isWritten: () => this.#isWritten(table),
      // Unless somebody was given another one meanwhile: that one has the rows, and is found by whoever asks next.
      returned: () => void (this.#held.has(key) || this.#held.set(key, held)),
      ended: () => {
        if (this.#held.get(key) === held) this.#held.delete(key)
      },
      report: this.#client.environment.reportError,
    })
    this.#held.set(key, held)
    held.rest()
    return held
  }

  /** Nothing is waited for any more: what is shown stays as it is, also for a component that asks for it again. */
  #close(): void {
    this.#phase = 'closed'
    for (const held of this.#held.values()) held.stop()
  }

  #later(task: () => void, ms: number): Cancel {
    return this.#phase === 'open' ? this.#client.environment.afterInBackground(ms, task) : () => {}
  }

  #isWritten(table: string): boolean {
    const { items } = this.#client.pendingWrites.get()
    return items.some(({ ops }) => ops.some(({ collection }) => collection === table))
  }
}

const ofClients = new WeakMap<SharingClient, SharedCollections>()

/** Those of `client`. */
export function sharedBy(client: SharingClient): SharedCollections {
  const known = ofClients.get(client) ?? new SharedCollections(client)
  ofClients.set(client, known)
  return known
}
