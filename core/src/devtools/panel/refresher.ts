/** Much can happen in one frame of the screen, and a hidden page is drawn rarely. */
const SOON_MS = 100
/** Ages move, and rows that another tab has loaded make no event here. */
const IDLE_MS = 1_000

/** Draws soon after something has happened, and once a second. */
export class Refresher {
  readonly #draw: () => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #is: 'idle' | 'soon' | 'stopped' = 'idle'

  constructor(draw: () => void) {
    this.#draw = draw
    this.#wait(IDLE_MS)
  }

  soon(): void {
    if (this.#is !== 'idle') return
    this.#is = 'soon'
    this.#wait(SOON_MS)
  }

  /** Now: somebody has pressed a button. */
  now(): void {
    if (this.#is === 'stopped') return
    this.#is = 'idle'
    this.#wait(IDLE_MS)
    this.#draw()
  }

  stop(): void {
    this.#is = 'stopped'
    clearTimeout(this.#timer)
  }

  #wait(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.now(), ms)
  }
}
