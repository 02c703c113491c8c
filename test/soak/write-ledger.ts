/** How a write ended, as its promise said. */
export type Ending = 'open' | 'confirmed' | 'rejected' | 'unknown' | 'failed'

export interface Write {
  /** Of its client, from 1. */
  readonly n: number
  /** One for every operation that leaves a trace in the room's audit; empty for a lone delete. */
  readonly tags: readonly string[]
  ending: Ending
  /** The code of the error it ended with. */
  code: string | null
  /** When it ended, by the room's own count of events. */
  endedAt: number
}

/** Every write of one client and how it ended. */
export class WriteLedger {
  readonly writes: Write[] = []
  readonly #client: string
  readonly #tick: () => number

  /** `tick` counts the events of the room. */
  constructor(client: string, tick: () => number) {
    this.#client = client
    this.#tick = tick
  }

  get open(): number {
    return this.writes.filter(({ ending }) => ending === 'open').length
  }

  /** The tag of the i-th operation of the next write. Other clients and the object itself have others. */
  nextTag(i: number): string {
    return `${this.#client}.${this.writes.length + 1}.${i}`
  }

  /** Keeps the next write. `confirmed` settles with it. */
  add(tags: readonly string[], confirmed: Promise<unknown>): void {
    const write: Write = { n: this.writes.length + 1, tags, ending: 'open', code: null, endedAt: Infinity }
    this.writes.push(write)
    const end = (ending: Ending, code: string | null) =>
      Object.assign(write, { ending, code, endedAt: this.#tick() })
    confirmed.then(
      () => end('confirmed', null),
      (error: unknown) => {
        const { name, code } = error as { name?: string; code?: string }
        const ending =
          name === 'MutationRejectedError'
            ? 'rejected'
            : name === 'OutcomeUnknownError'
              ? 'unknown'
              : 'failed'
        end(ending, code ?? String(error))
      },
    )
  }
}
