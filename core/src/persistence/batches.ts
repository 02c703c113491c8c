interface Waiting<Change, Result> {
  readonly change: Change
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/** Runs one thing after the other, and hands changes that pile up meanwhile, or in one tick, to one run. */
export class Batches<Change, Result> {
  readonly #run: (changes: readonly Change[]) => Promise<Result>
  #last: Promise<unknown> = Promise.resolve()
  #waiting: Waiting<Change, Result>[] = []

  constructor(run: (changes: readonly Change[]) => Promise<Result>) {
    this.#run = run
  }

  /** Runs `task` after everything that was asked for before. */
  inTurn<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#last.then(task)
    this.#last = done.catch(() => {})
    return done
  }

  add(change: Change): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ change, resolve, reject })
      if (this.#waiting.length === 1) void this.inTurn(() => this.#runWaiting())
    })
  }

  async #runWaiting(): Promise<void> {
    const waiting = this.#waiting
    this.#waiting = []
    try {
      const result = await this.#run(waiting.map(({ change }) => change))
      for (const { resolve } of waiting) resolve(result)
    } catch (error) {
      // One that cannot be done must not cost the others.
      if (waiting.length === 1) waiting[0]?.reject(error)
      else for (const each of waiting) await this.#run([each.change]).then(each.resolve, each.reject)
    }
  }
}
