/** How long other tabs get to stop. One that is frozen hears of it when it goes on, before it keeps anything. */
const GRACE_MS = 50

/** Tells the other tabs of a user that everything is forgotten. Without a channel they find out from the server. */
export class PurgeSignal {
  readonly #channel: BroadcastChannel | undefined

  constructor(database: string, heard: () => void) {
    if (typeof BroadcastChannel === 'undefined') return
    this.#channel = new BroadcastChannel(`${database}/purge`)
    this.#channel.onmessage = () => heard()
  }

  async send(): Promise<void> {
    if (!this.#channel) return
    this.#channel.postMessage('purge')
    await new Promise((resolve) => setTimeout(resolve, GRACE_MS))
  }

  end(): void {
    this.#channel?.close()
  }
}
