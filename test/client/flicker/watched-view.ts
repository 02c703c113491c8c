import { type ItemRow, plainItem, sameRow, textOf } from './item-row.ts'
import { type Made, RowLaw, type RowStory, type ViewFilter } from './row-law.ts'

interface Change {
  readonly type: 'insert' | 'update' | 'delete'
  readonly key: unknown
  readonly value: object
}

/** What of a TanStack collection, or live query, is watched. */
export interface Watchable {
  isReady(): boolean
  get(key: string): object | undefined
  subscribeChanges(
    listener: (changes: Change[]) => void,
    options: { includeInitialState: boolean },
  ): { unsubscribe(): void }
}

export interface Stories {
  readonly keys: readonly string[]
  of(key: string): RowStory
}

/** One collection, or live query, of the application, over all pages: every event of it is held against the law. */
export class WatchedView {
  readonly name: string
  events = 0
  readonly #laws: ReadonlyMap<string, RowLaw>
  readonly #complain: (what: string) => void
  #watched: Watchable | undefined
  #stop: () => void = () => {}

  constructor(name: string, filter: ViewFilter, stories: Stories, complain: (what: string) => void) {
    this.name = name
    this.#laws = new Map(stories.keys.map((key) => [key, new RowLaw(stories.of(key), name, filter)]))
    this.#complain = complain
  }

  get isShown(): boolean {
    return this.#watched !== undefined
  }

  /** The page shows it by `watchable`. */
  mount(watchable: Watchable, since: 'start' | 'later'): void {
    if (since === 'later') for (const law of this.#laws.values()) law.begin()
    this.#watched = watchable
    const subscription = watchable.subscribeChanges((changes) => this.#hear(changes), {
      includeInitialState: true,
    })
    this.#stop = () => subscription.unsubscribe()
  }

  /** Looks whether it is ready: then every row has to be there. */
  look(): void {
    if (!this.#watched?.isReady()) return
    for (const law of this.#laws.values()) this.#say(law.settleIn())
  }

  /** Everything has arrived that there is. */
  arrived(pending: (made: Made) => boolean): void {
    if (this.#watched) for (const law of this.#laws.values()) this.#say(law.arrived(pending))
  }

  endPage(how: 'orderly' | 'killed'): void {
    this.#stop()
    const was = this.#watched ? how : 'unseen'
    this.#watched = undefined
    for (const law of this.#laws.values()) law.endPage(was)
  }

  #hear(changes: readonly Change[]): void {
    const touched = new Set<string>()
    for (const { type, key, value } of changes) {
      this.events++
      const law = this.#laws.get(String(key))
      if (!law) continue
      touched.add(String(key))
      if (type === 'insert' && law.shown) this.#complain(`${this.name}: ${key} is inserted twice`)
      if (type !== 'insert' && !law.shown)
        this.#complain(`${this.name}: ${type} of ${key}, which is not there`)
      this.#say(law.show(type === 'delete' ? null : plainItem(value)))
    }
    for (const key of touched) this.#same(key, this.#laws.get(key)?.shown ?? null)
  }

  #same(key: string, told: ItemRow | null): void {
    const row = this.#watched?.get(key)
    const held = row ? plainItem(row) : null
    if (this.#watched && !sameRow(held, told))
      this.#complain(`${this.name}: says ${textOf(told)} and holds ${textOf(held)}`)
  }

  #say(problem: string | undefined): void {
    if (problem !== undefined) this.#complain(problem)
  }
}
