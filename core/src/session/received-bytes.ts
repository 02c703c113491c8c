import type { ServerFrame } from '../wire/index.ts'
import { ACK_ANSWER_BYTES, ACK_EVERY_BYTES } from '../wire/limits.ts'

/**
 * What arrived on one socket. The server tells a slow reader by the acknowledgements it is missing, and how much is on its way to all. UTF-16 units are counted, a lower
 * bound of the bytes that costs nothing.
 */
export class ReceivedBytes {
  #total = 0
  #acknowledged = 0
  /** Nothing may be sent between the welcome and the end of the pass that follows it. */
  #pass: 'running' | 'over' = 'running'
  /** The frame that came last ends what was asked for. */
  #isEnd = false

  add(text: string): void {
    this.#total += text.length
  }

  passed(frame: ServerFrame): void {
    const isLive = frame.type === 'changes' && frame.live === true
    if (isLive) this.#pass = 'over'
    this.#isEnd = isLive || frame.type === 'joined'
  }

  /** The total to acknowledge, undefined while it is not time for it. */
  due(): number | undefined {
    const least = this.#isEnd ? ACK_ANSWER_BYTES : ACK_EVERY_BYTES
    if (this.#pass === 'running' || this.#total - this.#acknowledged < least) return undefined
    this.#acknowledged = this.#total
    return this.#total
  }
}
