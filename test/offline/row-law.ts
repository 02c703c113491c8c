import { type ItemRow, sameRow, textOf } from './item-row.ts'

/** One operation of a write, as the application meant it. */
export interface MadeOp {
  readonly type: 'insert' | 'update' | 'delete'
  readonly key: string
  readonly cols: Partial<ItemRow>
  /** The view in which TanStack DB shows it from the moment it is made. */
  readonly own: string
}

/** A write, and what is known of its end. */
export interface Made {
  readonly tag: string
  readonly ops: readonly MadeOp[]
  /** Under which the client knows it; undefined before its transaction is committed. */
  id: string | undefined
  stored: 'no' | 'yes'
  /**
   * open      undecided, or it ran: then it is in the rows.
   * refused   by the object, which has decided.
   * free      it may go at any time: it was discarded, or its page ended before it was kept, or nobody can say what became of it.
   */
  end: 'open' | 'refused' | 'free'
  /** Whether the object has decided, in the history that it has now. */
  decided: 'no' | 'yes'
}

interface Version {
  readonly row: ItemRow | null
}

interface Touch {
  readonly made: Made
  readonly ops: readonly MadeOp[]
  /** The versions of the row with which it came. Several, when a restore took the first one away. */
  readonly came: number[]
}

/** What happened to one row: at the server, one version after another, restores included; and the writes to it, in their order. */
export class RowStory {
  readonly versions: Version[] = [{ row: null }]
  readonly touches: Touch[] = []

  get head(): number {
    return this.versions.length - 1
  }

  get row(): ItemRow | null {
    return this.versions[this.head]?.row ?? null
  }

  /** Whether a view at this version may cease to show the write by itself. */
  mayGo(at: number, { made, came }: Touch): boolean {
    return made.end !== 'open' || came.some((version) => version <= at)
  }

  text(): string {
    const versions = this.versions.map(({ row }, i) => `${i}: ${textOf(row)}`)
    const touches = this.touches.map(
      ({ made, ops, came }) =>
        `${made.tag} ${ops.map(({ own, type, cols }) => `${own} ${type} ${JSON.stringify(cols)}`)} → ${came} ${made.end} ${made.stored}`,
    )
    return [...versions, ...touches].join('\n  ')
  }
}

/** `unborn`: not shown yet. `shown`: over the row. `gone`: not shown any more, and never again. */
type Phase = 'unborn' | 'shown' | 'gone'

/** One explanation of what a view shows of a row. */
interface Explanation {
  readonly version: number
  readonly phases: readonly Phase[]
}

/** What a view may show. */
export interface ViewFilter {
  /** Rows of this list only. Undefined: all. */
  readonly list: string | undefined
  /** `until it is told`: a row that its own writer has edited out of the list may stay until that is decided. */
  readonly strays: 'never' | 'until it is told'
}

const rebased = (base: ItemRow | null, ops: readonly MadeOp[]): ItemRow | null => {
  let row = base
  for (const { type, key, cols } of ops) {
    if (type === 'delete') row = null
    else if (type === 'insert' || row) row = { ...(row ?? {}), ...cols, id: key } as ItemRow
  }
  return row
}

const nameOf = ({ version, phases }: Explanation): string =>
  `${version} ${phases.map((phase) => phase[0]).join('')}`

/**
 * The law of one row in one view, over everything that happens to client, connection and server, and over reloads:
 *
 *   What is shown is a version of the server's row with the writes over it that the view shows. From one moment to the next the version
 *   only goes on. A write is not shown yet, then it is shown, then it is gone for good; and it is gone only when the version has it, or
 *   when it was refused or taken back.
 *
 * From it follows what a reader sees: no row goes and comes again, and no column returns to an older value, unless the server's own history,
 * a refusal or a discard made it so. It is checked by looking for an explanation: all that are possible are kept.
 */
export class RowLaw {
  shown: ItemRow | null = null
  readonly #story: RowStory
  readonly #view: string
  readonly #filter: ViewFilter
  #now = new Map<string, Explanation>([['0 ', { version: 0, phases: [] }]])
  /** Every explanation of this page. */
  #visited = new Map(this.#now)
  /** Writes that ended while the view was not shown: how they came into the rows was not seen. */
  #freed = 0
  #stray: 'no' | 'yes' = 'no'
  /** `new`: nothing was shown of the row on this page, and nothing had to be. */
  #is: 'new' | 'shown' = 'new'

  constructor(story: RowStory, view: string, filter: ViewFilter) {
    this.#story = story
    this.#view = view
    this.#filter = filter
  }

  /** The row is shown like this from now on. Returns what is wrong with that; undefined when nothing is. */
  show(row: ItemRow | null): string | undefined {
    if (this.#is === 'new' && row === null) return undefined
    this.#is = 'shown'
    const before = this.shown
    this.shown = row
    if (row && this.#wrote()) this.#stray = 'yes'
    const next = new Map<string, Explanation>()
    for (const each of this.#reachable(this.#story.head))
      if (this.#allows(each).some((allowed) => sameRow(allowed, row))) next.set(nameOf(each), each)
    if (row === null) this.#stray = 'no'
    if (next.size === 0) return this.#complaint(before, row)
    this.#now = next
    for (const [name, each] of next) this.#visited.set(name, each)
    return undefined
  }

  /** The view is ready: what it does not show is not there. */
  settleIn(): string | undefined {
    if (this.#is === 'shown') return undefined
    this.#is = 'shown'
    return this.show(null)
  }

  /** Everything has arrived that there is. Returns what is wrong with what is shown. */
  arrived(pending: (made: Made) => boolean): string | undefined {
    const { touches, row, head } = this.#story
    const phases = touches.map(({ made }): Phase => (pending(made) ? 'shown' : 'gone'))
    const due = this.#allows({ version: head, phases })
    if (due.some((allowed) => sameRow(allowed, this.shown))) return undefined
    return `${this.#view} shows ${textOf(this.shown)}, when everything has arrived; the server has ${textOf(row)}\n  ${this.#story.text()}`
  }

  /**
   * The page has ended. `orderly`: with everything kept. `killed`: what is kept is what was shown at some moment of this page. `was`: not
   * shown on this page at all.
   */
  endPage(how: 'orderly' | 'killed' | 'unseen'): void {
    if (how === 'killed') this.#now = new Map(this.#visited)
    if (how === 'unseen') this.#freed = this.#story.touches.length
    const next = new Map<string, Explanation>()
    for (const { version, phases } of this.#now.values()) {
      const kept = this.#story.touches.map(({ made }, i): Phase => {
        const phase = phases[i] ?? 'unborn'
        return phase === 'unborn' && made.stored === 'yes' ? 'shown' : phase
      })
      const each = { version, phases: kept }
      next.set(nameOf(each), each)
    }
    this.#now = next
    this.#visited = new Map(next)
    this.shown = null
    this.#is = 'new'
    this.#stray = 'no'
  }

  /** The last write to the row is one of this view. */
  #wrote(): boolean {
    return this.#story.touches.some(
      ({ made, ops }) => made.decided === 'no' && ops.some(({ own }) => own === this.#view),
    )
  }

  #allows({ version, phases }: Explanation): (ItemRow | null)[] {
    const { list } = this.#filter
    const base = this.#story.versions[version]?.row ?? null
    const ops = this.#story.touches.flatMap((touch, i) => (phases[i] === 'shown' ? touch.ops : []))
    const row = rebased(base, ops)
    if (list === undefined) return [row]
    const inList = (each: ItemRow | null) => (each?.list === list ? each : null)
    // Whoever is only told of a list does not know what a row outside of it has become.
    const told = inList(rebased(inList(base), ops))
    const strays = this.#filter.strays === 'until it is told' && this.#stray === 'yes'
    return strays ? [inList(row), told, row] : [inList(row), told]
  }

  *#reachable(head: number): Generator<Explanation> {
    const seen = new Set<string>()
    for (const from of this.#now.values())
      for (let version = from.version; version <= head; version++)
        for (const phases of this.#phases(from.phases, version, 0)) {
          const each = { version, phases }
          const name = nameOf(each)
          if (seen.has(name)) continue
          seen.add(name)
          yield each
        }
  }

  *#phases(from: readonly Phase[], version: number, i: number): Generator<Phase[]> {
    const touch = this.#story.touches[i]
    if (!touch) {
      yield []
      return
    }
    const own = touch.ops.some((op) => op.own === this.#view) && from[i] === undefined
    const phase = from[i] ?? 'unborn'
    const mayGo = phase === 'gone' || i < this.#freed || this.#story.mayGo(version, touch)
    const here: Phase[] = phase === 'gone' || (own && mayGo) ? [] : own ? ['shown'] : [phase]
    if (phase === 'unborn' && !own) here.push('shown')
    if (own && mayGo) here.push('shown')
    if (mayGo) here.push('gone')
    for (const rest of this.#phases(from, version, i + 1)) for (const each of here) yield [each, ...rest]
  }

  #complaint(before: ItemRow | null, row: ItemRow | null): string {
    const explained = [...this.#now.keys()].slice(0, 8).join(', ')
    return `${this.#view}: after ${textOf(before)} comes ${textOf(row)}\n  explained so far: ${explained}\n  ${this.#story.text()}`
  }
}
