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

/**
 * unborn   not shown yet.
 * shown    over the row. In its own view by TanStack DB, which shows it whether it belongs there or not.
 * kept     the same, where it belongs.
 * gone     not shown any more, and never again.
 */
type Phase = 'unborn' | 'shown' | 'kept' | 'gone'

/** One explanation of what a view shows of a row. */
interface Explanation {
  readonly version: number
  readonly phases: readonly Phase[]
}

/** What a view may show. */
export interface ViewFilter {
  /** Rows of this list only. Undefined: all. */
  readonly list: string | undefined
  /** `of its own`: a row that was written into the view itself, and does not belong there, may be shown for a while. */
  readonly strays: 'never' | 'of its own'
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

const ORDER: Readonly<Record<Phase, number>> = { unborn: 0, shown: 1, kept: 2, gone: 3 }

const PHASES: readonly Phase[] = ['unborn', 'shown', 'kept', 'gone']

const isOver = (phase: Phase | undefined): boolean => phase === 'shown' || phase === 'kept'

const isLess = (a: Explanation, b: Explanation): boolean =>
  a.version <= b.version && b.phases.every((phase, i) => ORDER[a.phases[i] ?? 'unborn'] <= ORDER[phase])

/**
 * The law of one row in one view, over everything that happens to client, connection and server, and over reloads:
 *
 *   What is shown is a version of the server's row with the writes over it that the view shows. From one moment to the next the version
 *   only goes on. A write is not shown yet, then it is shown, then it is gone for good; and it is gone only when the version has it, or
 *   when it was refused or taken back.
 *
 * From it follows what a reader sees: no row goes and comes again, and no column returns to an older value, unless the server's own history,
 * a refusal or a discard made it so. It is checked by looking for an explanation of everything that was shown so far.
 */
export class RowLaw {
  shown: ItemRow | null = null
  readonly #story: RowStory
  readonly #view: string
  readonly #filter: ViewFilter
  /** The least explanations: from one that has gone less far, whatever can be reached from another one can. */
  #now: readonly Explanation[] = [{ version: 0, phases: [] }]
  /** The same at the begin of this page. */
  #first = this.#now
  /** Writes that ended while the view was not shown: how they came into the rows was not seen. */
  #freed = 0
  /** `coming`: the view is not ready, and what it does not show of the row yet may come. */
  #is: 'coming' | 'there' = 'coming'

  constructor(story: RowStory, view: string, filter: ViewFilter) {
    this.#story = story
    this.#view = view
    this.#filter = filter
  }

  /** The row is shown like this from now on. Returns what is wrong with that; undefined when nothing is. */
  show(row: ItemRow | null): string | undefined {
    const before = this.shown
    this.shown = row
    if (this.#is === 'coming' && row === null) return undefined
    const next = this.#reachable(row)
    if (next.length === 0) return this.#complaint(before, row)
    this.#now = next
    return undefined
  }

  /** The view is ready: what it does not show is not there. */
  settleIn(): string | undefined {
    if (this.#is === 'there') return undefined
    this.#is = 'there'
    return this.shown ? undefined : this.show(null)
  }

  /** Everything has arrived that there is. Returns what is wrong with what is shown. */
  arrived(pending: (made: Made) => boolean): string | undefined {
    const { touches, row, head } = this.#story
    const over = (how: 'shown' | 'kept') => touches.map(({ made }): Phase => (pending(made) ? how : 'gone'))
    const due = [over('shown'), over('kept')].flatMap((phases) => this.#allows({ version: head, phases }))
    if (due.some((allowed) => sameRow(allowed, this.shown))) return undefined
    return `${this.#view} shows ${textOf(this.shown)}, when everything has arrived; the server has ${textOf(row)}\n  ${this.#story.text()}`
  }

  /** The view is shown from here on, in the middle of a page. What it missed may come into it at once, or when TanStack DB lets it. */
  begin(): void {
    this.#freed = this.#story.touches.length
    this.#now = this.#now.map(({ version }) => ({ version, phases: this.#story.touches.map(() => 'unborn') }))
    this.#first = this.#now
  }

  /**
   * The page has ended. `orderly`: with everything kept. `killed`: what is kept is what was shown at some moment of this page. `unseen`: it
   * was not shown on this page.
   */
  endPage(how: 'orderly' | 'killed' | 'unseen'): void {
    if (how === 'killed') this.#now = this.#first
    if (how === 'unseen') this.#freed = this.#story.touches.length
    this.#now = this.#now.map(({ version, phases }) => ({
      version,
      phases: this.#story.touches.map(({ made }, i): Phase => {
        const phase = phases[i] ?? 'unborn'
        return phase === 'unborn' && made.stored === 'yes' ? 'shown' : phase
      }),
    }))
    this.#first = this.#now
    this.shown = null
    this.#is = 'coming'
  }

  /** Whether it makes a difference that a write is kept. */
  #keeps(touch: Touch): boolean {
    return this.#filter.strays === 'of its own' && this.#isOwn(touch)
  }

  #isOwn({ ops }: Touch): boolean {
    return ops.some(({ own }) => own === this.#view)
  }

  #allows({ version, phases }: Explanation): (ItemRow | null)[] {
    const { list } = this.#filter
    const base = this.#story.versions[version]?.row ?? null
    const ops = this.#story.touches.flatMap((touch, i) => (isOver(phases[i]) ? touch.ops : []))
    const row = rebased(base, ops)
    if (list === undefined) return [row]
    const inList = (each: ItemRow | null) => (each?.list === list ? each : null)
    // Whoever is only told of a list does not know what a row outside of it has become.
    const told = inList(rebased(inList(base), ops))
    const stray =
      this.#filter.strays === 'of its own' &&
      this.#story.touches.some((touch, i) => phases[i] === 'shown' && this.#isOwn(touch))
    return stray ? [inList(row), told, row] : [inList(row), told]
  }

  /** The least explanations of the row that go on from the ones so far. */
  #reachable(row: ItemRow | null): Explanation[] {
    const least: Explanation[] = []
    const froms = this.#now
    for (let version = Math.min(...froms.map((from) => from.version)); version <= this.#story.head; version++)
      for (const from of froms) {
        if (from.version > version) continue
        for (const phases of this.#phases(from.phases, version, 0)) {
          const each = { version, phases }
          if (least.some((less) => isLess(less, each))) continue
          if (!this.#allows(each).some((allowed) => sameRow(allowed, row))) continue
          least.push(each)
        }
      }
    return least.filter((each) => !least.some((less) => less !== each && isLess(less, each)))
  }

  *#phases(from: readonly Phase[], version: number, i: number): Generator<Phase[]> {
    const touch = this.#story.touches[i]
    if (!touch) {
      yield []
      return
    }
    const phase = from[i] ?? 'unborn'
    const fresh = from[i] === undefined && this.#isOwn(touch)
    const mayGo = phase === 'gone' || i < this.#freed || this.#story.mayGo(version, touch)
    const here = PHASES.slice(ORDER[fresh ? 'shown' : phase]).filter((each) => {
      if (each === 'gone') return mayGo
      return each !== 'kept' || phase === 'kept' || this.#keeps(touch)
    })
    for (const rest of this.#phases(from, version, i + 1)) for (const each of here) yield [each, ...rest]
  }

  #complaint(before: ItemRow | null, row: ItemRow | null): string {
    const explained = this.#now.slice(0, 8).map(nameOf).join(', ')
    return `${this.#view}: after ${textOf(before)} comes ${textOf(row)}\n  explained so far: ${explained}\n  ${this.#story.text()}`
  }
}
