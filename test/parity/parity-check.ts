import { type Cell, type Predicate, rowMatcher } from '@durable-sync/core/wire'
import type { Selected } from '../worker/parity-verbs.ts'
import { applicationRows, applicationValue, areUnordered } from './application-values.ts'
import { kinds, TABLES } from './parity-table.ts'
import type { ParityWorld } from './parity-world.ts'
import { isOrdered, leavesOf, operatorsOf, type Question, refusalOf } from './predicates.ts'
import { TanStackRows, versions } from './tanstack.ts'

type Cells = readonly Cell[]
type Matcher = typeof rowMatcher
type Rows = ReadonlyMap<string, { readonly cells: Cells; readonly shown: Record<string, unknown> }>
type Opinions = readonly (readonly [version: string, rows: TanStackRows])[]

const BATCH = 1000
/** More are not told. */
const MAX_PROBLEMS = 60

/** What became of questions about one object. */
export interface Tally {
  pairs: number
  /** Predicates that were refused, as they had to be. */
  refused: number
  /** Pairs in which values of different types were compared for order. */
  unordered: number
  /** Those of them in which a version of TanStack DB says something else. */
  deviations: number
  /** Predicates of which SQL alone says all. */
  exact: number
  served: number
  matches: number
}

/** Rows that are stored in a real object, and everybody's opinion about which of them a predicate is true for. */
export class ParityCheck {
  readonly #world: ParityWorld
  readonly #room: string
  readonly #cols: readonly string[]
  readonly #rows: Rows
  readonly #tanstack: Opinions
  readonly tally: Tally = {
    pairs: 0,
    refused: 0,
    unordered: 0,
    deviations: 0,
    exact: 0,
    served: 0,
    matches: 0,
  }
  readonly problems: string[] = []
  problemCount = 0
  readonly #told = new Set<string>()

  private constructor(
    world: ParityWorld,
    room: string,
    cols: readonly string[],
    rows: Rows,
    tanstack: Opinions,
  ) {
    this.#world = world
    this.#room = room
    this.#cols = cols
    this.#rows = rows
    this.#tanstack = tanstack
  }

  /** The rows that `statements` made in all three tables. */
  static async of(world: ParityWorld, room: string): Promise<ParityCheck> {
    const { cols, rows } = await world.ask(room, 'columns', { table: TABLES[0], kinds })
    const stored = rows.map((row) => JSON.parse(row) as Cells)
    const shown = applicationRows(cols, kinds, stored)
    return new ParityCheck(
      world,
      room,
      cols,
      new Map(stored.map((cells, i) => [String(cells[0]), { cells, shown: shown[i] ?? {} }])),
      versions.map(([version, tanstack]) => [version, new TanStackRows(tanstack, shown)]),
    )
  }

  /** The same rows, nothing asked yet. */
  again(world = this.#world, room = this.#room): ParityCheck {
    return new ParityCheck(world, room, this.#cols, this.#rows, this.#tanstack)
  }

  get rows(): readonly Cells[] {
    return [...this.#rows.values()].map(({ cells }) => cells)
  }

  get cols(): readonly string[] {
    return this.#cols
  }

  /** Whether any of these questions has a problem. Asks no further than that. */
  async finds(questions: readonly Question[], matcher: Matcher = rowMatcher): Promise<boolean> {
    const step = 50
    for (let at = 0; at < questions.length && this.problemCount === 0; at += step)
      await this.ask(questions.slice(at, at + step), matcher)
    return this.problemCount > 0
  }

  /** Asks SQL, the matcher and TanStack DB. `seen` is told which were compared, each with every row. */
  async ask(
    questions: readonly Question[],
    matcher: Matcher = rowMatcher,
    seen: (question: Question) => void = () => undefined,
  ): Promise<void> {
    for (let at = 0; at < questions.length; at += BATCH) {
      const batch = questions.slice(at, at + BATCH)
      const predicates = batch.map(({ predicate }) => predicate)
      const answers = await Promise.all(
        TABLES.map((table) => this.#world.ask(this.#room, 'select', { table, kinds, predicates })),
      )
      for (const [i, question] of batch.entries())
        this.#judge(
          question,
          answers.map((each) => each[i] as Selected),
          matcher,
          seen,
        )
    }
  }

  #judge(
    question: Question,
    selected: readonly Selected[],
    matcher: Matcher,
    seen: (question: Question) => void,
  ): void {
    const { predicate } = question
    const expected = leavesOf(predicate)
      .map(refusalOf)
      .find((code) => code !== null)
    const codes = selected.map((each) => ('refused' in each ? each.refused : undefined))
    if (codes.some((code) => code !== expected)) {
      this.#complain(predicate, `should be ${expected ?? 'served'}, is ${codes.join(', ')}`)
      return
    }
    if (expected !== undefined) {
      this.tally.refused++
      return
    }
    this.#compare(
      question,
      selected.filter((each) => 'keys' in each),
      matcher,
      seen,
    )
  }

  #compare(
    question: Question,
    selected: readonly Extract<Selected, { keys: unknown }>[],
    matcher: Matcher,
    seen: (question: Question) => void,
  ): void {
    const { predicate } = question
    const { tally } = this
    tally.served++
    seen(question)
    if (selected.every(({ exact }) => exact)) tally.exact++
    const matches = matcher(predicate, this.#cols, kinds)
    const found = selected.map(({ keys, exact }) => ({ keys: new Set(keys), exact }))
    const opinions = this.#tanstack.map(([version, rows]) => [version, rows.matching(predicate)] as const)
    const compared = leavesOf(predicate).flatMap((leaf) =>
      isOrdered(leaf.op) && 'value' in leaf
        ? [{ column: leaf.column, value: applicationValue(leaf.value) }]
        : [],
    )
    for (const [key, { cells, shown }] of this.#rows) {
      const is = matches(cells)
      if (is) tally.matches++
      const unordered = compared.some(({ column, value }) => areUnordered(shown[column], value))
      tally.pairs++
      for (const [i, { keys, exact }] of found.entries()) {
        if (is && !keys.has(key)) this.#complain(predicate, `SQL of ${TABLES[i]} leaves out`, cells)
        if (exact && !is && keys.has(key))
          this.#complain(predicate, `SQL of ${TABLES[i]} wrongly takes`, cells)
      }
      if (unordered) tally.unordered++
      if (unordered && isLeaf(predicate) && is !== (predicate.op === 'not'))
        this.#complain(predicate, 'compares what is in no order', cells)
      if (unordered && opinions.some(([, keys]) => keys.has(key) !== is)) tally.deviations++
      if (!unordered)
        for (const [version, keys] of opinions)
          if (keys.has(key) !== is)
            this.#complain(predicate, `TanStack DB ${version} says ${keys.has(key)} and we ${is} of`, cells)
    }
  }

  #complain(predicate: Predicate, what: string, cells?: Cells): void {
    this.problemCount++
    // One of each sort.
    const sort = JSON.stringify([...leavesOf(predicate).map(({ op, column }) => [op, column]), what])
    if (this.problems.length >= MAX_PROBLEMS || this.#told.has(sort)) return
    this.#told.add(sort)
    const named = new Set(leavesOf(predicate).map(({ column }) => column))
    const values = cells && this.#cols.flatMap((name, i) => (named.has(name) ? [[name, cells[i]]] : []))
    const said = JSON.stringify(predicate)
    this.problems.push(
      `${said.length > 600 ? `${said.slice(0, 600)}…` : said} ${what} ${values ? JSON.stringify(Object.fromEntries(values)) : ''}`,
    )
  }
}

/** A comparison or its negation. */
const isLeaf = (predicate: Predicate): boolean =>
  operatorsOf(predicate).filter((op) => op !== 'not').length === 1 &&
  !(predicate.op === 'not' && predicate.of.op === 'not')
