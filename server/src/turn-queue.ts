/** How much one turn takes. The clock of a Worker stands still while it computes, so a turn is bounded by items and not by time. */
const MAX_ITEMS = 500

export interface Task {
  /** About how many writes it is. */
  readonly weight: number
  run(): void
}

/**
 * Group commit. Everything that arrives before the next tick runs in one synchronous turn, and therefore in one transaction of the
 * runtime with one announcement: a commit for every message would be the wall (`ARCHITECTURE.md`). A single write waits for nothing.
 */
export class TurnQueue {
  readonly #tasks: Task[] = []
  readonly #turn: (run: () => void) => void
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `turn` wraps the work of one turn: what has to come before and after it. */
  constructor(turn: (run: () => void) => void) {
    this.#turn = turn
  }

  add(task: Task): void {
    this.#tasks.push(task)
    this.wake()
  }

  /** There will be a turn, also without a task. */
  wake(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#turn(() => this.#drain())
      if (this.#tasks.length > 0) this.wake()
    }, 0)
  }

  /** What a task adds runs in the next turn, and therefore in another transaction: a counted attempt outlives the attempt. */
  #drain(): void {
    let weight = 0
    for (let present = this.#tasks.length; present > 0 && weight < MAX_ITEMS; present--) {
      const task = this.#tasks.shift()
      if (!task) return
      weight += task.weight
      task.run()
    }
  }
}
