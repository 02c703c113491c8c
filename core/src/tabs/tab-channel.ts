import type { TabMessage } from './tab-message.ts'
import type { PlatformChannel } from './tab-platform.ts'

/** What the tabs of a room say to each other. Nobody hears himself. */
export class TabChannel<Up, Down> {
  readonly #channel: PlatformChannel
  #heard: ((message: TabMessage<Up, Down>) => void) | undefined

  constructor(channel: PlatformChannel, heard: (message: TabMessage<Up, Down>) => void) {
    this.#channel = channel
    this.#heard = heard
    channel.addEventListener('message', ({ data }) => {
      // Whoever speaks on this channel speaks this format: its name says so.
      if (typeof data === 'object' && data !== null && 'type' in data)
        this.#heard?.(data as TabMessage<Up, Down>)
    })
  }

  /** @throws DataCloneError when a payload is nothing that can be copied. */
  send(message: TabMessage<Up, Down>): void {
    this.#channel.postMessage(message)
  }

  /** What was on the way is not heard any more. */
  close(): void {
    this.#heard = undefined
    this.#channel.close()
  }
}
