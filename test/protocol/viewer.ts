import {
  ALWAYS,
  type Block,
  type Cell,
  digestKey,
  type HelloFrame,
  type JoinedFrame,
  type OrderTerm,
  type PageAnswerFrame,
  type Place,
  type Position,
  type Predicate,
  placeComparator,
  rowMatcher,
  type WelcomeFrame,
  type WindowSpec,
} from '@durable-sync/core/wire'
import { expect } from 'vitest'
import type { Joined, Pass, RawClient } from '../support/raw-client.ts'
import type { StoredRow } from '../support/row-set.ts'
import type { World } from '../support/world.ts'
import type { Claims } from '../worker/rows.ts'

export interface View {
  readonly collection: string
  readonly where?: Predicate
  readonly window?: WindowSpec
}

interface Shown extends View {
  readonly rows: Map<string, readonly Cell[]>
  /** Every column, since the table is the same for the whole test. */
  cols: readonly string[]
  end: JoinedFrame | undefined
  boundary: Place | null
}

export const ascending = (column: string): OrderTerm => ({
  column,
  descending: false,
  nulls: 'first',
  text: 'binary',
})
export const descending = (column: string): OrderTerm => ({ ...ascending(column), descending: true })
export const first = (limit: number, ...order: OrderTerm[]): WindowSpec => ({ order, limit })

/** A room that is named for the case of a test. */
export const roomOf = (text: string): string => text.replace(/\W+/g, '-')

const saltOf = (position: Position) => position.slice(position.indexOf('.'))

/**
 * A client of filtered subscriptions that obeys the protocol: it places every row with the wire's own matcher, and drops what lies
 * beyond its boundaries. Subscription 1 shows the first view, 2 the second, and so on.
 */
export class Viewer {
  readonly #world: World
  readonly #room: string
  readonly #claims: Claims
  readonly #shown: readonly Shown[]
  readonly #name: string
  #requests = 0
  at: Position | null = null
  client: RawClient
  welcome: WelcomeFrame

  private constructor(
    world: World,
    room: string,
    claims: Claims,
    name: string,
    views: readonly View[],
    client: RawClient,
    welcome: WelcomeFrame,
  ) {
    this.#world = world
    this.#room = room
    this.#claims = claims
    this.#name = name
    this.#shown = views.map((view) => ({
      ...view,
      rows: new Map(),
      cols: [],
      end: undefined,
      boundary: null,
    }))
    this.client = client
    this.welcome = welcome
  }

  /** Connects, says hello, and joins the views in their order. */
  static async open(
    world: World,
    room: string,
    views: readonly View[],
    {
      claims = { userId: 'alice' },
      name = 'viewer',
      cids = [],
    }: {
      readonly claims?: Claims
      readonly name?: string
      readonly cids?: HelloFrame['cids']
    } = {},
  ): Promise<Viewer> {
    const client = await world.connect(room, claims)
    const { welcome, pass } = await client.enter({ client: name, cids })
    const viewer = new Viewer(world, room, claims, name, views, client, welcome)
    viewer.at = pass.to
    for (let sub = 1; sub <= views.length; sub++) await viewer.join(sub)
    return viewer
  }

  /** What a join or a hello says of a subscription. */
  spec(sub: number) {
    const { collection, where, window } = this.#of(sub)
    return { collection, ...(where ? { where } : {}), ...(window ? { window } : {}) }
  }

  /** Joins; with `since` only what changed after that position. */
  async join(sub: number, since?: Position): Promise<Joined> {
    const shown = this.#of(sub)
    const shape = shown.end?.shape
    const again = since === undefined || shape === undefined ? {} : { since, shape }
    const joined = await this.client.join({ sub, ...this.spec(sub), ...again })
    for (const pass of joined.passes) this.apply(pass)
    expect(joined.end.at, 'a join ends at the position of its socket').toBe(this.at)
    if (joined.end.replace) shown.rows.clear()
    shown.end = joined.end
    shown.boundary = joined.end.boundary ?? null
    for (const chunk of joined.chunks) this.#place(shown, chunk, saltOf(joined.end.at))
    return joined
  }

  /** Asks for the next `limit` rows of a window. */
  async page(sub: number, limit: number): Promise<PageAnswerFrame> {
    const shown = this.#of(sub)
    if (shown.boundary === null) throw new Error('the window has every row')
    this.client.send({ type: 'page', request: ++this.#requests, sub, after: shown.boundary, limit })
    for (;;) {
      const frame = await this.client.take('the page')
      if (frame.type === 'page') {
        expect(frame.request).toBe(this.#requests)
        shown.boundary = frame.boundary
        this.#place(shown, frame, '')
        return frame
      }
      if (frame.type !== 'changes' || frame.more) throw new Error(`the page was answered with ${frame.type}`)
      const { from, to, live = false, settled = [] } = frame
      this.apply({ frames: [frame], from, to, live, settled })
    }
  }

  /** Gives back what lies beyond the first `count` rows. */
  narrow(sub: number, count: number): void {
    const shown = this.#of(sub)
    const places = this.#sorted(shown)
    const boundary = places[count - 1]?.place
    if (!boundary) throw new Error(`the window has fewer than ${count} rows`)
    shown.boundary = boundary
    for (const { key } of places.slice(count)) shown.rows.delete(key)
    this.client.send({ type: 'narrow', sub, boundary })
  }

  /** The next frames, which must be a pass. */
  async pass(): Promise<Pass> {
    const pass = await this.client.pass()
    this.apply(pass)
    return pass
  }

  /** Applies a pass to every view, as one step. */
  apply(pass: Pass): void {
    expect(pass.from, 'a pass starts at the position of its socket').toBe(this.at)
    for (const shown of this.#shown)
      for (const { tables } of pass.frames) {
        const block = tables[shown.collection]
        if (block && shown.end) this.#place(shown, block, saltOf(pass.to))
      }
    this.at = pass.to
  }

  /** What the next hello has to say to go on from here. */
  get hello() {
    const subs = this.#shown.map(({ end, window, boundary }, i) => ({
      id: i + 1,
      ...this.spec(i + 1),
      joined: end !== undefined,
      ...(end ? { shape: end.shape } : {}),
      ...(window ? { boundary } : {}),
    }))
    return { client: this.#name, at: this.at, subs }
  }

  /** Connects anew and resumes from where it was. */
  async resume(fields: Partial<HelloFrame> = {}): Promise<Pass> {
    this.client.drop()
    this.client = await this.#world.connect(this.#room, this.#claims)
    const { welcome, pass } = await this.client.enter({ ...this.hello, ...fields })
    this.welcome = welcome
    this.apply(pass)
    return pass
  }

  #place(shown: Shown, { cols, up, del, gone }: Block, salt: string): void {
    shown.cols = cols
    const { shows, keyOf } = this.#law(shown)
    for (const cells of up) {
      if (shows(cells)) shown.rows.set(keyOf(cells), cells)
      else shown.rows.delete(keyOf(cells))
    }
    for (const key of del) shown.rows.delete(key)
    const digests = new Set(gone)
    for (const key of [...shown.rows.keys()]) if (digests.has(digestKey(salt, key))) shown.rows.delete(key)
  }

  /** Who belongs to a view. */
  #law({ where = ALWAYS, window, end, cols, boundary }: Shown) {
    const { key = 'id', kinds = {} } = end ?? {}
    const matches = rowMatcher(where, cols, kinds)
    const order = window?.order ?? []
    const compare = placeComparator(order)
    const placeOf = (cells: readonly Cell[]): Place =>
      [...order.map(({ column }) => column), key].map((name) => cells[cols.indexOf(name)] ?? null)
    const shows = (cells: readonly Cell[]) =>
      matches(cells) && (boundary === null || compare(placeOf(cells), boundary) <= 0)
    const keyOf = (cells: readonly Cell[]) => String(cells[cols.indexOf(key)])
    return { shows, placeOf, compare, keyOf }
  }

  #sorted(shown: Shown) {
    const { placeOf, compare } = this.#law(shown)
    return [...shown.rows]
      .map(([key, cells]) => ({ key, place: placeOf(cells) }))
      .sort((a, b) => compare(a.place, b.place))
  }

  #of(sub: number): Shown {
    const shown = this.#shown[sub - 1]
    if (!shown) throw new Error(`there is no subscription ${sub}`)
    return shown
  }

  /** The keys that a view holds, in its order. */
  keys(sub = 1): string[] {
    return this.#sorted(this.#of(sub)).map(({ key }) => key)
  }

  row(key: string, sub = 1): readonly Cell[] | undefined {
    return this.#of(sub).rows.get(key)
  }

  boundary(sub = 1): Place | null {
    return this.#of(sub).boundary
  }

  /** Every view has exactly those rows of the table that belong to it, as they are. `visible`: those that its user may read. */
  async expectEqual(visible: (row: StoredRow) => boolean = () => true): Promise<void> {
    for (const shown of this.#shown) {
      const stored = await this.#world.rows(this.#room, shown.collection)
      const names = Object.keys(stored[0] ?? {})
      const law = this.#law({ ...shown, cols: names })
      const expected = stored
        .filter(visible)
        .map((row) => names.map((name) => row[name] ?? null))
        .filter(law.shows)
      const held = [...shown.rows.values()].sort((a, b) => (law.keyOf(a) < law.keyOf(b) ? -1 : 1))
      expect(held, `the rows of "${shown.collection}"`).toEqual(expected)
    }
  }
}
