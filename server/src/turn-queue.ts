/** How much one turn takes. The clock of a Worker stands still while it computes, so a turn is bounded by writes and not by time. */
const MAX_ITEMS = 500

export interface Task {
  /** About how many writes it is. */
  readonly weight: number
  /** What it came from: tasks of one source run in their order, sources take turns. Default: the task itself. */
  readonly source?: object
  run(): void
}

/**
 * Group commit. Everything that arrives before the next tick runs in one synchronous turn, and therefore in one transaction of the
 * runtime with one announcement: a commit for every message would be the wall (`ARCHITECTURE.md`). A single message waits for nothing: its turn
 * is part of the event that brought it, unless the last turn was less than a tick ago. A tick of workerd takes more than a millisecond, which is
 * as much as all the rest of a small write. Whoever sends more than a turn takes is served in turn with the others, so nobody waits behind
 * somebody's whole queue.
 */
export class TurnQueue {
  /** By source, in the order in which the sources are served next. No list is empty. */
  readonly #waiting = new Map<object, Task[]>()
  /** Added since the current turn began. */
  #added: Task[] = []
  readonly #turn: (run: () => void) => void
  /** Set from the end of each turn to the next tick, and while one is asked for. */
  #timer: ReturnType<typeof setTimeout> | undefined
  /** There is to be a turn at the next tick. */
  #isAsked = false
  /** There is to be one when the event that is on has been heard. */
  #isOpening = false
  #holds = 0
  /** A turn came due while there was to be none. */
  #isDue = false

  /** `turn` wraps the work of one turn: what has to come before and after it. */
  constructor(turn: (run: () => void) => void) {
    this.#turn = turn
  }

  add(task: Task): void {
    this.#added.push(task)
    this.wake()
  }

  /** As `add`, for what has come in an event of its own, whose listener does nothing else: it may run before that ends. */
  addArrived(task: Task): void {
    this.#added.push(task)
    if (this.#timer !== undefined) this.#isAsked = true
    else if (!this.#isOpening) {
      this.#isOpening = true
      queueMicrotask(() => {
        this.#isOpening = false
        // Something else has asked for a turn meanwhile, and may have more to say before it.
        if (this.#timer === undefined && this.#added.length > 0) this.#take()
      })
    }
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting.clear()
    this.#added = []
  }

  /** No turn begins until this was released as often as it was held; what comes meanwhile waits. */
  hold(): void {
    this.#holds++
  }

  release(): void {
    this.#holds--
    if (this.#holds > 0 || !this.#isDue) return
    this.#isDue = false
    this.wake()
  }

  /** There will be a turn, also without a task. */
  wake(): void {
    this.#isAsked = true
    this.#awaitTick()
  }

  #awaitTick(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      if (this.#isAsked) this.#take()
    }, 0)
  }

  #take(): void {
    this.#isAsked = false
    this.#isDue = this.#holds > 0
    if (this.#isDue) return
    this.#turn(() => this.#drain())
    if (this.#waiting.size > 0 || this.#added.length > 0) this.#isAsked = true
    this.#awaitTick()
  }

  /** What a task adds runs in the next turn, and therefore in another transaction: a counted attempt outlives the attempt. */
  #drain(): void {
    for (const task of this.#added) {
      const source = task.source ?? task
      const tasks = this.#waiting.get(source)
      if (tasks) tasks.push(task)
      else this.#waiting.set(source, [task])
    }
    this.#added = []
    // A source that has more is set anew at the end of the map, where this loop finds it again after the others.
    let weight = 0
    for (const [source, tasks] of this.#waiting) {
      const task = tasks.shift()
      this.#waiting.delete(source)
      if (tasks.length > 0) this.#waiting.set(source, tasks)
      if (!task) continue
      weight += task.weight
      task.run()
      if (weight >= MAX_ITEMS) return
    }
  }
}
