/**
 * Runs tasks one after another: a task that is handed in during another runs after it. So a listener that calls back into the session,
 * and a transport that answers within the call, never see a step half done.
 */
export class Turns {
  readonly #tasks: (() => void)[] = []
  readonly #report: (error: unknown) => void

  constructor(report: (error: unknown) => void) {
    this.#report = report
  }

  run(task: () => void): void {
    // The running task stays at the head until it is done.
    if (this.#tasks.push(task) > 1) return
    for (let next: (() => void) | undefined = task; next; next = this.#tasks[0]) {
      try {
        next()
      } catch (error) {
        this.#report(error)
      }
      this.#tasks.shift()
    }
  }
}
