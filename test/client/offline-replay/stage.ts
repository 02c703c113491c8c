import type { Action } from '../../model/offline/model.ts'
import { type Scenario, scenarios } from '../../model/offline/scenarios.ts'
import { pause } from '../../support/deadline.ts'
import type { StorageCopy } from '../../support/storage-copy.ts'
import type { World } from '../../support/world.ts'
import { Browser } from './browser.ts'
import { Ledger } from './ledger.ts'
import { ReplayPage } from './replay-page.ts'

/** What a step does is there by then, or never. Where it is known that it does not come, it is not waited for. */
export const PATIENCE_MS = { awaited: 5000, absent: 20 } as const
/** Records behind the segments of a shape, of so many characters: enough to be worth folding. */
const RECORDS = 42
const RECORD = 9000

export type Came = 'came' | 'missing'
export type Expected = keyof typeof PATIENCE_MS
export type TabIndex = 0 | 1

export interface StageTerms {
  readonly world: World
  readonly room: string
  readonly scenario: Scenario
  readonly trace: readonly Action[]
  /** What pages show: the table that is written, or another one as well. */
  readonly tables: 'one' | 'all'
}

/** One browser with its tabs, and one room, on which a trace is played. */
export class Stage {
  readonly world: World
  readonly room: string
  readonly scenario: Scenario
  readonly trace: readonly Action[]
  readonly tables: StageTerms['tables']
  readonly browser = new Browser()
  readonly ledger: Ledger
  /** All page sessions, in the order in which they were opened. The model names the client id of each by its place, from 1. */
  readonly pages: ReplayPage[] = []
  readonly #tabs: [ReplayPage | undefined, ReplayPage | undefined] = [undefined, undefined]
  readonly #copies = new Map<number, StorageCopy>()
  expected: Expected = 'awaited'
  signedIn: 'alice' | 'bob' = 'alice'
  #decisions = 0
  #others = 0

  private constructor({ world, room, scenario, trace, tables }: StageTerms) {
    this.tables = tables
    this.world = world
    this.room = room
    this.scenario = scenario
    this.trace = trace
    this.ledger = new Ledger({
      table: scenario.awaits ? 'jobs' : 'todos',
      // What the model calls `markStrict` is the app's to choose.
      durability: scenario === scenarios.ninetyDaysPower ? 'strict' : 'relaxed',
    })
  }

  /** Tab 0 leads, and its socket is live; in tab 1 a page follows, or there is none. Nothing is written yet, and everything is kept. */
  static async set(terms: StageTerms): Promise<Stage> {
    const stage = new Stage(terms)
    const { scenario } = stage
    await stage.#furnish()
    const first = stage.open(0, 'at will')
    await stage.soon(() => first.leads && first.isReady && first.client.status.get().state === 'connected')
    if ('compact' in scenario.budget) await stage.#fillLog(first)
    if (scenario.tabs === 2) {
      const second = stage.open(1, 'at will')
      await stage.soon(() => second.isReady && second.client.tab.get() === 'follower')
    }
    await stage.#agree()
    for (const page of stage.live) page.hold()
    if (scenario.relays === 'late') for (const page of stage.live) page.gate.hold('relayed')
    await stage.#copy()
    return stage
  }

  async #furnish(): Promise<void> {
    const sql = (statement: string) => this.world.storageSql(this.room, statement)
    await this.world.sql(
      this.room,
      `INSERT INTO todos (id, title, owner)
       VALUES ('k0', 'start', NULL), ('k1', 'start', NULL), ('last', 'start', NULL), ('locked', 'start', 'bob')`,
    )
    // The room writes down what it executes: a column for each write, so that none hides another.
    await sql('CREATE TABLE ran (at INTEGER PRIMARY KEY, n INTEGER)')
    const on = (name: string, event: string, n: string) =>
      sql(`CREATE TRIGGER ran_${name} AFTER ${event} BEGIN INSERT INTO ran (n) VALUES (${n}); END`)
    await on('one', `UPDATE OF title ON todos WHEN NEW.title = 'w1'`, '1')
    await on('two', 'UPDATE OF rank ON todos', 'NEW.rank')
    await on('job', `INSERT ON jobs WHEN NEW.id LIKE 'w_'`, 'substr(NEW.id, 2)')
  }

  /** Every page is live, and what it shows is kept. */
  async #agree(): Promise<void> {
    const { table } = this.ledger
    const row =
      table === 'jobs' ? `jobs VALUES ('set', 'plain', 0)` : `todos (id, title) VALUES ('set', 'set')`
    await this.world.sql(this.room, `INSERT INTO ${row}`)
    await this.soon(() => this.live.every(({ written }) => written.has('set')))
    await this.keep()
  }

  /** Enough records, each kept by itself, that the library wants to fold them. */
  async #fillLog(page: ReplayPage): Promise<void> {
    for (let i = 0; i < RECORDS; i++) {
      const title = `${i} ${'x'.repeat(RECORD)}`
      await this.world.sql(this.room, `UPDATE todos SET title = ? WHERE id = 'k1'`, title)
      await this.soon(() => page.todos.get('k1')?.title === title)
      await this.keep()
    }
  }

  get live(): readonly ReplayPage[] {
    return this.pages.filter(({ isGone }) => !isGone)
  }

  page(tab: TabIndex): ReplayPage {
    const page = this.#tabs[tab]
    if (!page || page.isGone) throw new Error(`there is no page in tab ${tab}`)
    return page
  }

  open(tab: TabIndex, connects: 'when told' | 'at will'): ReplayPage {
    const page = new ReplayPage({
      world: this.world,
      room: this.room,
      browser: this.browser,
      ledger: this.ledger,
      user: this.signedIn,
      signedIn: () => this.signedIn,
      connects,
      tables: this.tables,
    })
    this.pages.push(page)
    this.#tabs[tab] = page
    this.ledger.opens(page)
    return page
  }

  /** A page starts, with every step of it held, and shows what is kept. */
  start(tab: TabIndex): Promise<Came> {
    const page = this.open(tab, 'when told')
    if (this.scenario.relays === 'late') page.gate.hold('relayed')
    return this.started(page)
  }

  async started(page: ReplayPage): Promise<Came> {
    // Of a user who has never been here nothing is kept.
    const came = await this.soon(() => page.isReady || page.user !== 'alice')
    await this.settle()
    this.ledger.started(page)
    return came
  }

  async soon(isSo: () => boolean | Promise<boolean>, ms: number = PATIENCE_MS[this.expected]): Promise<Came> {
    const end = Date.now() + ms
    while (!(await isSo())) {
      if (Date.now() > end) return 'missing'
      await pause(1)
    }
    return 'came'
  }

  /** What was let through has been dealt with, as far as it is dealt with in this process. */
  async settle(): Promise<void> {
    for (let i = 0; i < 12; i++) await new Promise((resolve) => setImmediate(resolve))
  }

  /** Everything that has moved is kept. */
  async keep(): Promise<void> {
    await this.settle()
    this.browser.pass(50)
    await this.settle()
  }

  // The server

  /** The object as it is after so many decisions, for a restore that the trace has in store. */
  async #copy(): Promise<void> {
    const isWanted = this.trace.some((each) => each.do === 'restore' && each.to === this.#decisions)
    if (isWanted && !this.#copies.has(this.#decisions))
      this.#copies.set(this.#decisions, await this.world.storageCopy(this.room))
  }

  /** The journal of the model's server has one more entry. */
  async decided(): Promise<void> {
    this.#decisions++
    await this.#copy()
  }

  copyAfter(decisions: number): StorageCopy | undefined {
    return this.#copies.get(decisions)
  }

  async otherWrites(row: 'k0' | 'k1' | 'last'): Promise<void> {
    await this.world.sql(this.room, `UPDATE todos SET views = ${++this.#others} WHERE id = '${row}'`)
  }

  /** Everything that was begun is ended. */
  async strike(): Promise<void> {
    for (const page of this.pages) await page.end()
    if (this.ledger.hasForgotten) await this.world.setClock(0)
  }
}
