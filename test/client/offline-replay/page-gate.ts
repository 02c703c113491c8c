import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * What happens to a page, or is done by it to what it shares with others.
 *
 * store, mark, flush, compacted   a transaction that puts writes, marks them, keeps rows and the end of writes, folds rows
 * kept                            any other transaction that writes
 * read                            a transaction that reads
 * found                           the rows that it has read reach the page
 * answer                          what became of any other transaction does
 * frame, close, socket            a frame, the end of its socket, anything else of it
 * buffer, slow, timer, idle       the timer behind which rows wait for each other, one of a second or more, any other one, idle time
 * granted, lost                   the lead, or that it was taken away
 * relayed, purge, message         what the leader relays, that somebody has logged out, anything else that tabs say
 */
export type Kind =
  | 'store'
  | 'mark'
  | 'flush'
  | 'compacted'
  | 'kept'
  | 'read'
  | 'found'
  | 'answer'
  | 'frame'
  | 'close'
  | 'socket'
  | 'buffer'
  | 'slow'
  | 'timer'
  | 'idle'
  | 'granted'
  | 'lost'
  | 'relayed'
  | 'purge'
  | 'message'

export interface Waiting {
  readonly kind: Kind
  readonly run: () => void
  /** What it is about: a socket, a frame. */
  readonly about: unknown
}

const pages = new AsyncLocalStorage<PageGate>()

/**
 * Between a page and everything around it. What is held waits, in order, until it is let through; a frozen page gets nothing at all, and one
 * that has crashed never again.
 */
export class PageGate {
  readonly #held = new Set<Kind>()
  readonly #ends: (() => void)[] = []
  #life: 'running' | 'frozen' | 'dead' = 'running'
  #waiting: Waiting[] = []

  /** The page in whose code this is called. */
  static get current(): PageGate {
    const gate = pages.getStore()
    if (!gate) throw new Error('no page does this')
    return gate
  }

  get life(): 'running' | 'frozen' | 'dead' {
    return this.#life
  }

  /** Does something as this page. */
  run<T>(what: () => T): T {
    return pages.run(this, what)
  }

  pass(kind: Kind, run: () => void, about?: unknown): void {
    if (this.#life === 'dead') return
    if (this.#life === 'frozen' || this.#held.has(kind)) this.#waiting.push({ kind, run, about })
    else this.run(run)
  }

  hold(...kinds: readonly Kind[]): void {
    for (const kind of kinds) this.#held.add(kind)
  }

  unhold(...kinds: readonly Kind[]): void {
    for (const kind of kinds) this.#held.delete(kind)
    this.#flow()
  }

  /** Everything that waits, and whatever comes. */
  unholdAll(): void {
    this.#held.clear()
    this.#flow()
  }

  waiting(kind: Kind): readonly Waiting[] {
    return this.#waiting.filter((each) => each.kind === kind)
  }

  /** Lets the first of a kind through, of those that `which` picks. False when there is none, or the page does not run. */
  release(kind: Kind, which: (waiting: Waiting) => boolean = () => true): boolean {
    const next = this.#waiting.find((each) => each.kind === kind && which(each))
    if (!next || this.#life !== 'running') return false
    this.#waiting = this.#waiting.filter((each) => each !== next)
    this.run(next.run)
    return true
  }

  releaseAll(kind: Kind): void {
    for (const each of this.waiting(kind)) this.release(kind, (one) => one === each)
  }

  /** What is lost never arrives. */
  lose(which: (waiting: Waiting) => boolean): void {
    this.#waiting = this.#waiting.filter((each) => !which(each))
  }

  freeze(): void {
    if (this.#life === 'running') this.#life = 'frozen'
  }

  thaw(): void {
    if (this.#life !== 'frozen') return
    this.#life = 'running'
    this.#flow()
  }

  /** The page is gone, in the middle of whatever it did. */
  end(): void {
    this.#life = 'dead'
    this.#waiting = []
    for (const each of this.#ends.splice(0)) each()
  }

  /** Runs when the page is gone. */
  whenGone(run: () => void): void {
    if (this.#life === 'dead') run()
    else this.#ends.push(run)
  }

  #flow(): void {
    if (this.#life !== 'running') return
    for (const each of [...this.#waiting])
      if (!this.#held.has(each.kind)) this.release(each.kind, (one) => one === each)
  }
}
