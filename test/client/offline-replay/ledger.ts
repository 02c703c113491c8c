import type { World } from '../../support/world.ts'
import type { ReplayPage } from './replay-page.ts'
import type { Tables } from './stored-tables.ts'

interface Made {
  readonly n: number
  /** By which outbox and failed writes know it. */
  readonly id: string
  readonly page: ReplayPage
  readonly rejects: boolean
}

interface Known extends Made {
  isStored: boolean
  /** What the page that made it was told. */
  told: string | undefined
  isPowerLost: boolean
  /** A restore took its execution back. */
  isTakenBack: boolean
  /** It was executed in some history. */
  hasRun: boolean
}

export interface LedgerTerms {
  readonly table: 'todos' | 'jobs'
  readonly durability: 'relaxed' | 'strict'
}

/**
 * What is true of the writes of a browser, and which law was first seen to be broken. The letters are those of the model; V is watched while
 * the replay runs, the others are judged at its end.
 */
export class Ledger {
  readonly table: LedgerTerms['table']
  readonly durability: LedgerTerms['durability']
  readonly #writes = new Map<number, Known>()
  readonly #pages: ReplayPage[] = []
  /** The first is what a test fails with. */
  readonly broken: string[] = []
  /** What happens now, for who reads it. */
  during = 'at the start'
  /** So long ago that the server may have forgotten. */
  hasForgotten = false
  hasRestored = false
  isLoggedOut = false

  constructor({ table, durability }: LedgerTerms) {
    this.table = table
    this.durability = durability
  }

  /** The number of the next write. */
  get next(): number {
    return this.#writes.size + 1
  }

  /** The write that was made last. */
  get last(): Readonly<Known> | undefined {
    return this.#writes.get(this.#writes.size)
  }

  made(write: Made): void {
    const known: Known = {
      ...write,
      isStored: false,
      told: undefined,
      isPowerLost: false,
      isTakenBack: false,
      hasRun: false,
    }
    this.#writes.set(write.n, known)
  }

  stored(n: number): void {
    const known = this.#writes.get(n)
    if (known) known.isStored = true
  }

  told(n: number, end: string): void {
    const known = this.#writes.get(n)
    if (known) known.told ??= end
  }

  get(n: number): Readonly<Known> | undefined {
    return this.#writes.get(n)
  }

  isRejected(n: number): boolean {
    return this.#writes.get(n)?.rejects === true
  }

  /** A page starts. It shows everything that is stored. */
  opens(page: ReplayPage): void {
    this.#pages.push(page)
  }

  /** A page that has started shows what it has read. */
  started(page: ReplayPage): void {
    for (const known of this.#writes.values())
      if (known.isStored && known.page.user === page.user && !page.shows(known.n) && !this.#mayGo(known))
        this.#break(`V: write ${known.n} was stored, and a page that starts does not show it`)
    this.look(page)
  }

  /** What a page shows now. */
  look(page: ReplayPage): void {
    for (const known of this.#writes.values()) {
      if (known.page.user !== page.user) continue
      if (page.shows(known.n)) page.shown.add(known.n)
      else if (page.shown.has(known.n) && !this.#mayGo(known))
        this.#break(`V: write ${known.n} is no longer shown`)
    }
  }

  /** It ended in a way that takes it off the screen, or a restore, a power loss or a logout took it. */
  #mayGo({ id, told, isPowerLost, isTakenBack }: Known): boolean {
    if (this.isLoggedOut || isPowerLost) return true
    if ((told !== undefined && told !== 'confirmed') || this.#failures().has(id)) return true
    return isTakenBack && !this.#isPending(id)
  }

  /** The failed writes that any page shows, by id. */
  #failures(): Map<string, string> {
    const live = this.#pages.filter(({ isGone }) => !isGone)
    return new Map(
      live.flatMap(({ client }) =>
        client.failedWrites.get().items.map(({ id, code }) => [id, code] as const),
      ),
    )
  }

  #isPending(id: string): boolean {
    return this.#pages.some(
      ({ isGone, client }) => !isGone && client.pendingWrites.get().items.some((item) => item.id === id),
    )
  }

  /** The power has failed; `databases` is what is left. */
  lostPower(databases: readonly Tables[]): void {
    const left = databases.flatMap((tables) => idsIn(tables))
    for (const known of this.#writes.values())
      if (known.isStored && !left.includes(known.id)) known.isPowerLost = true
  }

  /** Notes what has run, before a restore takes it back or at the end. Returns it in order. */
  async readRun(world: World, room: string): Promise<readonly number[]> {
    const rows = await world.storageSql(room, 'SELECT n FROM ran ORDER BY at')
    const run = rows.map(({ n }) => Number(n))
    for (const n of run) {
      const known = this.#writes.get(n)
      if (known) known.hasRun = true
    }
    return run
  }

  /** A restore has taken back what is not in `run` any more. */
  restored(run: readonly number[]): void {
    this.hasRestored = true
    for (const known of this.#writes.values())
      if (known.hasRun && !run.includes(known.n)) known.isTakenBack = true
  }

  /** What holds when everything is quiet. `run` is what has been executed in the history that stands. */
  judge(run: readonly number[]): void {
    const failures = this.#failures()
    for (const [i, n] of run.entries())
      if (run.indexOf(n) < i) this.#break(`E: write ${n} is executed twice`)
      else if (i > 0 && n < (run[i - 1] ?? 0)) this.#break(`O: write ${run[i - 1]} is executed before ${n}`)
    for (const known of this.#writes.values()) {
      const { n, id, told, isStored, isPowerLost, isTakenBack, hasRun } = known
      const ends = [told, failures.get(id)].filter((end) => end !== undefined)
      const hasEnded = told !== undefined || failures.has(id)
      const stands = run.includes(n)
      if (told === 'confirmed' && !hasRun) this.#break(`T: write ${n} is confirmed and was never executed`)
      if (stands && !this.hasRestored && ends.some((end) => !MAY_HAVE_RUN.has(end)))
        this.#break(`T: write ${n} is ${ends.join(', ')} and was executed`)
      if (!this.hasForgotten && ends.includes('outcome-unknown'))
        this.#break(`U: nobody can say what became of write ${n}, though it was sent a moment ago`)
      const mayLack = isPowerLost || this.isLoggedOut || (isTakenBack && (hasEnded || hasRun))
      if (isStored && !stands && !failures.has(id) && !mayLack)
        this.#break(`L: write ${n} was stored, never executed, and nobody was told`)
    }
  }

  #break(law: string): void {
    this.broken.push(`${law} (${this.during})`)
  }

  /** What else is found to be wrong. */
  say(law: string): void {
    this.#break(law)
  }
}

/** Ends of a write that say nothing of whether it was executed. */
const MAY_HAVE_RUN: ReadonlySet<string> = new Set([
  'confirmed',
  'outcome-unknown',
  'client-closed',
  'client-closed-unsent',
])

/** The ids of the writes that a database holds. */
export const idsIn = (tables: Tables): string[] =>
  (tables.get('writes')?.records ?? []).map(([, value]) => String(Reflect.get(value as object, 'id')))
