import type { ServerFrame } from '../wire/index.ts'
import { ACK_EVERY_BYTES } from '../wire/limits.ts'

/**
 * What arrived on one socket. The server tells a slow reader by the acknowledgements it is missing. UTF-16 units are counted, a lower
 * bound of the bytes that costs nothing.
 */
export class ReceivedBytes {
  #total = 0
  #acknowledged = 0
  /** Nothing may be sent between the welcome and the end of the pass that follows it. */
  #pass: 'running' | 'over' = 'running'

  add(text: string): void {
    this.#total += text.length
  }

  passed(frame: ServerFrame): void {
    if (frame.type === 'changes' && frame.live === true) this.#pass = 'over'
  }

  /** The total to acknowledge, undefined while it is not time for it. */
  due(): number | undefined {
    if (this.#pass === 'running' || this.#total - this.#acknowledged < ACK_EVERY_BYTES) return undefined
    this.#acknowledged = this.#total
    return this.#total
  }
}
