interface Waiting {
  readonly due: number
  readonly run: () => void
}

/** Runs things later, in the order in which they came, also when the delay becomes shorter meanwhile. */
export class DelayLine {
  readonly #delayMs: () => number
  readonly #waiting: Waiting[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(delayMs: () => number) {
    this.#delayMs = delayMs
  }

  /** At once, when there is no delay and nothing waits. */
  pass(run: () => void): void {
    const delay = this.#delayMs()
    if (delay === 0 && this.#waiting.length === 0) {
      run()
      return
    }
    this.#waiting.push({ due: performance.now() + delay, run })
    this.#timer ??= this.#next()
  }

  /** What waits is lost. */
  drop(): void {
    this.#waiting.length = 0
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #next(): ReturnType<typeof setTimeout> | undefined {
    const [first] = this.#waiting
    return first && setTimeout(() => this.#due(), Math.max(0, first.due - performance.now()))
  }

  #due(): void {
    // Those behind it that are due wait for their own timer: each is an event of its own, as frames are.
    const first = this.#waiting.shift()
    this.#timer = this.#next()
    first?.run()
  }
}
