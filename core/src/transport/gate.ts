/**
 * The turnstile inside partysocket's URL provider. partysocket asks for a URL before every socket, outside its own time-outs and while
 * it holds its connect lock; here it waits, without a timer, until the session wants a socket. That makes the session's policy
 * the only one: partysocket's own delays have no jitter and cannot be interrupted.
 */
export class Gate<Ticket> {
  #ticket: Ticket | undefined
  #wake: (() => void) | undefined

  /** Lets one socket through, now or when partysocket next comes by. A newer admission replaces an older one. */
  admit(ticket: Ticket): void {
    this.#ticket = ticket
    this.#wake?.()
  }

  /** Waits for an admission and uses it up. */
  async pass(): Promise<Ticket> {
    while (this.#ticket === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const ticket = this.#ticket
    this.#ticket = undefined
    this.#wake = undefined
    return ticket
  }
}
