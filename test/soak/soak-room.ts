import { READ_AUDIT } from './audit.ts'
import type { ClientModule } from './build.ts'
import { ClientWrites } from './client-writes.ts'
import { Dice } from './dice.ts'
import type { FaultKind } from './fault-kind.ts'
import { History } from './history.ts'
import { type Profile, type Schedule, TABS, type TabName } from './schedule.ts'
import { FURNITURE } from './server-writes.ts'
import type { SoakWorld, Verbs } from './soak-world.ts'
import { Tab } from './tab.ts'
import type { Tally } from './tally.ts'
import { until } from './until.ts'

export interface RoomOptions {
  readonly world: SoakWorld
  readonly core: ClientModule
  readonly room: string
  readonly schedule: Schedule
  readonly profile: Profile
  readonly tally: Tally
  /** Aborted when the result of this room is no longer wanted. */
  readonly signal: AbortSignal
}

/** A busy moment before a fault is waited for so long, in milliseconds; then the fault happens without one. */
const BUSY_MS = 2000

/** One room with two clients. */
export class SoakRoom {
  /** The object's id. */
  readonly id: string
  readonly options: RoomOptions
  readonly dice: Dice
  readonly history: History
  readonly tabs: { readonly [T in TabName]: Tab }
  readonly writers: { readonly [T in TabName]: ClientWrites }
  /** What has been done so far, and what went wrong on the way without being a failure. */
  readonly diary: string[] = []
  readonly #bornAt = performance.now()
  /** What the clients reported. */
  readonly errors: string[]
  /** The log was pruned at least once. */
  wasPruned = false
  /** The object has written past the library, and nothing has told the clients. */
  hasUnflushed = false

  private constructor(
    options: RoomOptions,
    made: Pick<SoakRoom, 'id' | 'dice' | 'history' | 'tabs' | 'writers' | 'errors'>,
  ) {
    this.options = options
    this.id = made.id
    this.dice = made.dice
    this.history = made.history
    this.tabs = made.tabs
    this.writers = made.writers
    this.errors = made.errors
  }

  /** A room with old rows in it, and two clients that show them. */
  static async open(options: RoomOptions): Promise<SoakRoom> {
    const { world, core, room, schedule, tally } = options
    const dice = new Dice(schedule.seed ^ 0x5eed)
    const errors: string[] = []
    let events = 0
    const tick = () => ++events
    const id = await world.control(room, 'id', {})
    await world.control(room, 'write', { statements: FURNITURE })
    const openTab = async (name: TabName): Promise<Tab> => {
      const chance = dice.fork()
      const tab = await Tab.open({
        world,
        core,
        room,
        name,
        tick,
        random: () => chance.next(),
        sprung: (kind) => tally.fault(kind, tab.isBusy),
        report: (error) => errors.push(error instanceof Error ? `${error.stack}` : String(error)),
      })
      return tab
    }
    const tabs = { a: await openTab('a'), b: await openTab('b') }
    const writers = {
      a: new ClientWrites(tabs.a, dice.fork()),
      b: new ClientWrites(tabs.b, dice.fork()),
    }
    await Promise.all([tabs.a.load(), tabs.b.load()])
    return new SoakRoom(options, { id, dice, history: new History(tick), tabs, writers, errors })
  }

  get both(): readonly Tab[] {
    return TABS.map((name) => this.tabs[name])
  }

  /** A write of some client is on its way. */
  get isBusy(): boolean {
    return this.both.some((tab) => tab.isBusy)
  }

  /** Writes down what is done, with the milliseconds since the room was made. */
  note(what: string): void {
    this.diary.push(`${Math.round(performance.now() - this.#bornAt)} ${what}`)
  }

  control<V extends keyof Verbs>(verb: V, args: Verbs[V]['args']): Promise<Verbs[V]['result']> {
    return this.options.world.control(this.options.room, verb, args)
  }

  /** Tags in the order of application. */
  audit(): Promise<string[]> {
    return this.options.world.column(this.options.room, READ_AUDIT)
  }

  /** Does what may fail because the object ends meanwhile. Returns whether it did not. */
  async tolerantly(what: string, act: () => Promise<unknown>): Promise<boolean> {
    try {
      await act()
      return true
    } catch (error) {
      this.note(`  ${what} failed: ${error instanceof Error ? error.message : String(error)}`)
      return false
    }
  }

  /** Waits until `name` is connected, unless its line is held up. Returns whether it is. */
  async connected(name: TabName): Promise<boolean> {
    const tab = this.tabs[name]
    if (!tab.line.isOpen) return tab.isConnected
    return until([tab.client.status], () => tab.isConnected, BUSY_MS, this.options.signal)
  }

  /** Makes `name` write with `write`, and waits until a write of it is on its way. */
  async sent(name: TabName, write: () => void): Promise<void> {
    const tab = this.tabs[name]
    const { status, pendingWrites } = tab.client
    write()
    const sent = () => tab.isBusy || !tab.isConnected
    await until([status, pendingWrites], sent, BUSY_MS, this.options.signal)
  }

  /** Makes a client write and waits until the write is on its way, as often as the profile says. */
  async makeBusy(name: TabName): Promise<void> {
    if (!this.dice.chance(this.options.profile.busy) || !(await this.connected(name))) return
    // A write that takes its time in `authorize` is still on its way when the fault has travelled to the object.
    const slow = this.dice.chance(0.6)
    await this.sent(name, () => {
      if (slow) this.writers[name].one('slow job')
      this.writers[name].any()
    })
  }

  /** Counts a fault, and whether a write was on its way at that moment. */
  count(kind: FaultKind, inFlight: boolean): void {
    this.options.tally.fault(kind, inFlight)
  }

  async close(): Promise<void> {
    await Promise.all(this.both.map((tab) => tab.close()))
  }
}
