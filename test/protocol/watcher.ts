import type { HelloFrame, Position, PushItem, Receipt, WelcomeFrame } from '@durable-sync/core/wire'
import { expect } from 'vitest'
import type { Joined, Pass, RawClient } from '../support/raw-client.ts'
import { RowSet } from '../support/row-set.ts'
import type { World } from '../support/world.ts'
import type { Claims } from '../worker/rows.ts'

export interface WatcherOptions extends Partial<Pick<HelloFrame, 'client' | 'cids'>> {
  readonly claims?: Claims
}

interface Held {
  readonly collection: string
  readonly rows: RowSet
  shape: string
}

/**
 * The smallest client that obeys the protocol: it holds the rows of some tables and one position, and refuses a pass that does not
 * start there. Subscription 1 shows the first table, 2 the second, and so on.
 */
export class Watcher {
  readonly #world: World
  readonly #room: string
  readonly #options: WatcherOptions
  readonly #held: readonly Held[]
  at: Position | null = null
  client: RawClient
  welcome: WelcomeFrame

  private constructor(
    world: World,
    room: string,
    options: WatcherOptions,
    held: readonly Held[],
    client: RawClient,
    welcome: WelcomeFrame,
  ) {
    this.#world = world
    this.#room = room
    this.#options = options
    this.#held = held
    this.client = client
    this.welcome = welcome
  }

  /** Connects, says hello, and joins `tables` in their order. */
  static async open(world: World, room: string, tables: string[], options: WatcherOptions = {}) {
    const client = await world.connect(room, options.claims)
    const { claims: _, ...fields } = options
    const { welcome, pass } = await client.enter({ client: 'watcher', ...fields })
    const held = tables.map((collection) => ({ collection, rows: new RowSet(), shape: '' }))
    const watcher = new Watcher(world, room, options, held, client, welcome)
    watcher.at = pass.to
    for (let sub = 1; sub <= tables.length; sub++) await watcher.join(sub)
    return watcher
  }

  /** What the next hello has to say to go on from here. */
  get hello() {
    const subs = this.#held.map(({ collection, shape }, i) => ({
      id: i + 1,
      collection,
      shape,
      joined: true,
    }))
    const { claims: _, ...fields } = this.#options
    return { client: 'watcher', ...fields, at: this.at, subs }
  }

  /** Connects anew and resumes from where it was. The pass is applied only when it is complete. */
  async resume(fields: Partial<HelloFrame> = {}): Promise<Pass> {
    this.client.drop()
    this.client = await this.#world.connect(this.#room, this.#options.claims)
    const { welcome, pass } = await this.client.enter({ ...this.hello, ...fields })
    this.welcome = welcome
    if (pass.from === null) this.at = null
    this.apply(pass)
    return pass
  }

  /** Joins a subscription, or joins it again. */
  async join(sub: number, since?: Position): Promise<Joined> {
    const held = this.#of(sub)
    const { collection, shape } = held
    const joined = await this.client.join({
      sub,
      collection,
      ...(since === undefined ? {} : { since, shape }),
    })
    for (const pass of joined.passes) this.apply(pass)
    expect(joined.end.at, 'a join ends at the position of its socket').toBe(this.at)
    held.rows.join(joined)
    held.shape = joined.end.shape
    return joined
  }

  #of(sub: number): Held {
    const held = this.#held[sub - 1]
    if (!held) throw new Error(`there is no subscription ${sub}`)
    return held
  }

  rows(table: string): RowSet {
    const held = this.#held.find(({ collection }) => collection === table)
    if (!held) throw new Error(`"${table}" is not watched`)
    return held.rows
  }

  /** Applies a pass to every table, as one step. */
  apply(pass: Pass): void {
    expect(pass.from, 'a pass starts at the position of its socket').toBe(this.at)
    for (const { collection, rows } of this.#held) rows.pass(collection, pass)
    this.at = pass.to
  }

  /** The next frames, which must be a pass. */
  async pass(): Promise<Pass> {
    const pass = await this.client.pass()
    this.apply(pass)
    return pass
  }

  /** Pushes, and applies passes until every item is settled. Returns the outcomes in the order of arrival. */
  async settle(...items: PushItem[]): Promise<Receipt[]> {
    const { passes, outcomes } = await this.client.settle(...items)
    for (const pass of passes) this.apply(pass)
    return outcomes
  }

  /** Every table that it shows is what the server holds. */
  async expectEqual(): Promise<void> {
    for (const { collection, rows } of this.#held)
      expect(rows.sorted(), `the rows of "${collection}"`).toEqual(
        await this.#world.rows(this.#room, collection),
      )
  }
}
