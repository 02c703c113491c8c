/** The room's past was taken away: its storage was wiped, or replaced by an older copy. */
interface HistoryChange {
  /** Tags that the copy holds for sure. */
  readonly keeps: ReadonlySet<string>
  /** From here on every new connection meets the new history, by the room's own count of events. */
  point: number
}

/** Which changes of history a room went through. */
export class History {
  readonly #changes: HistoryChange[] = []
  readonly #tick: () => number

  constructor(tick: () => number) {
    this.#tick = tick
  }

  get changed(): boolean {
    return this.#changes.length > 0
  }

  /** Begins a change after which only `keeps` is there for sure. Call what it returns when the old history cannot answer any more. */
  change(keeps: ReadonlySet<string>): () => void {
    const change: HistoryChange = { keeps, point: Number.POSITIVE_INFINITY }
    this.#changes.push(change)
    return () => {
      change.point = this.#tick()
    }
  }

  /**
   * True when a write with `tag` that was taken away may be there again: a copy that has it came back after a history that did not. What
   * its client heard of it meanwhile was true in the history of that moment.
   */
  mayHaveBroughtBack(tag: string): boolean {
    const taken = this.#changes.findIndex(({ keeps }) => !keeps.has(tag))
    return taken >= 0 && this.#changes.slice(taken).some(({ keeps }) => keeps.has(tag))
  }

  /**
   * True when a write with `tag` that its client saw confirmed at `endedAt` may be gone: the client may have heard of it from a history
   * that was taken away later. `connections`: when that client connected, in order.
   */
  mayHaveTaken(tag: string, endedAt: number, connections: readonly number[]): boolean {
    return this.#changes.some(({ keeps, point }) => {
      if (keeps.has(tag)) return false
      const met = connections.find((at) => at > point) ?? Number.POSITIVE_INFINITY
      return endedAt <= met
    })
  }
}
