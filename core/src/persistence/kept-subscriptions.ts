import { shapeKey } from '../stream/shape-key.ts'
import type { SubscriptionSpec } from '../wire/index.ts'

interface KeptSubscription {
  readonly key: string
  readonly spec: SubscriptionSpec
}

/**
 * Which subscription speaks for the rows that are kept of each shape. Several may ask for the same rows: they are kept once. Law: what is
 * kept of a shape is where its speaker was when it was last covered by a pass.
 */
export class KeptSubscriptions {
  readonly #subs = new Map<number, KeptSubscription>()
  readonly #speakers = new Map<string, number>()
  /** Those that the stream's position covers. */
  readonly #joined = new Set<number>()

  /** The shapes that somebody shows. */
  get keys(): ReadonlySet<string> {
    return new Set([...this.#subs.values()].map(({ key }) => key))
  }

  /** `rows`: whether it shows the rows that are kept. */
  add(sub: number, spec: SubscriptionSpec, rows: 'kept' | 'none'): void {
    const key = shapeKey(spec)
    this.#subs.set(sub, { key, spec })
    if (rows === 'kept' && !this.#speakers.has(key)) this.#speakers.set(key, sub)
  }

  /** Another one that is where it was goes on. One of a window may end elsewhere: what is kept of it stays as it is. */
  remove(sub: number): void {
    const ended = this.#subs.get(sub)
    this.#subs.delete(sub)
    this.#joined.delete(sub)
    if (!ended || this.#speakers.get(ended.key) !== sub) return
    this.#speakers.delete(ended.key)
    if (ended.spec.window) return
    for (const [other, { key }] of this.#subs)
      if (key === ended.key && this.#joined.has(other)) return void this.#speakers.set(key, other)
  }

  keyOf(sub: number): string | undefined {
    return this.#subs.get(sub)?.key
  }

  /** Its shape, if it speaks for it. */
  spokenBy(sub: number): string | undefined {
    const key = this.#subs.get(sub)?.key
    return key !== undefined && this.#speakers.get(key) === sub ? key : undefined
  }

  /** It has all rows of its shape, and speaks for it unless somebody does who is covered. Returns the shape if it does. */
  claim(sub: number): KeptSubscription | undefined {
    const claimed = this.#subs.get(sub)
    if (!claimed) return undefined
    const speaker = this.#speakers.get(claimed.key)
    this.#joined.add(sub)
    if (speaker !== undefined && speaker !== sub && this.#joined.has(speaker)) return undefined
    this.#speakers.set(claimed.key, sub)
    return claimed
  }

  /** These and no others are covered by the position. */
  covered(joined: Iterable<number>): void {
    this.#joined.clear()
    for (const sub of joined) this.#joined.add(sub)
  }

  /** What is kept of the shape is not what anybody shows. */
  silence(key: string): void {
    this.#speakers.delete(key)
  }
}
