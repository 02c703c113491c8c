/** Lets callers through while it is open, and otherwise when it opens. */
export class Gate {
  #waiting: (() => void)[] = []
  #arrived: (() => void) | undefined
  #state: 'open' | 'shut' = 'open'

  /** Shuts the gate. Resolves when the first caller stands before it. */
  shut(): Promise<void> {
    this.#state = 'shut'
    return new Promise((resolve) => {
      this.#arrived = resolve
    })
  }

  async pass(): Promise<void> {
    if (this.#state === 'open') return
    this.#arrived?.()
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  open(): void {
    this.#state = 'open'
    for (const go of this.#waiting.splice(0)) go()
  }
}
