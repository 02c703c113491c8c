/** Where a client waits before each socket, so that a test decides when it dials. */
export class DialGate {
  #admissions = Number.POSITIVE_INFINITY
  #waiting: (() => void)[] = []
  /** How often the client has asked for a socket. */
  asked = 0

  /** Nobody passes from now on. */
  shut(): void {
    this.#admissions = 0
  }

  /** Lets the next `sockets` through; without a number, all. */
  admit(sockets = Number.POSITIVE_INFINITY): void {
    this.#admissions += sockets
    while (this.#admissions > 0) {
      const next = this.#waiting.shift()
      if (!next) return
      this.#admissions--
      next()
    }
  }

  async pass(): Promise<void> {
    this.asked++
    if (this.#admissions > 0) this.#admissions--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** Clients that stand here now. */
  get waiting(): number {
    return this.#waiting.length
  }
}
