import type { Purge } from './storage-health.ts'

/** How long other tabs get to stop by themselves. One that is frozen is kept out: see purge-fence.ts. */
const GRACE_MS = 50

/** Tells the other tabs of a user what is forgotten. Without a channel they find out when they keep something, or from the server. */
export class PurgeSignal {
  readonly #channel: BroadcastChannel | undefined

  constructor(database: string, heard: (what: Purge) => void) {
    if (typeof BroadcastChannel === 'undefined') return
    this.#channel = new BroadcastChannel(`${database}/purge`)
    this.#channel.onmessage = ({ data }: MessageEvent<Purge>) => heard(data)
    // A process of Node may exit all the same.
    ;(this.#channel as { unref?: () => void }).unref?.()
  }

  async send(what: Purge): Promise<void> {
    if (!this.#channel) return
    this.#channel.postMessage(what)
    await new Promise((resolve) => setTimeout(resolve, GRACE_MS))
  }

  end(): void {
    this.#channel?.close()
  }
}
