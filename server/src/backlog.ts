import type { PushItem } from '@durable-sync/core/wire'

const MB = 1024 * 1024
/** About so many bytes of one user's writes may wait, and so many of everybody's: an object has 128 MB. What a client keeps unsent fits, unless its writes have many operations. */
const MOST_OF_ONE = 24 * MB
const MOST_OF_ALL = 48 * MB
/** What a write takes beside its text, and each of its operations. */
const EACH_BYTES = 256

interface Held {
  readonly principal: string
  readonly bytes: number
}

/**
 * The writes that have arrived and are not done: they wait for their turn, or behind one whose permission is awaited, which may take for ever. Only
 * memory. Counted by user, because a socket and a client id are made in no time.
 */
export class Backlog {
  readonly #held = new Map<PushItem, Held>()
  readonly #bytes = new Map<string, number>()
  #all = 0

  /** False when these, whose text has so many characters, are too much: nothing of them is kept. Who has nothing here may always begin. */
  add(principal: string, items: readonly PushItem[], characters: number): boolean {
    if (items.length === 0) return true
    const parts = items.reduce((sum, item) => sum + partsOf(item), 0)
    const bytes = characters + parts * EACH_BYTES
    const theirs = this.#bytes.get(principal) ?? 0
    if (theirs > 0 && (theirs + bytes > MOST_OF_ONE || this.#all + bytes > MOST_OF_ALL)) return false
    for (const item of items) this.#held.set(item, { principal, bytes: (bytes / parts) * partsOf(item) })
    this.#count(principal, bytes)
    return true
  }

  /** It was decided, refused, or forgotten. */
  done(item: PushItem): void {
    const held = this.#held.get(item)
    if (!held) return
    this.#held.delete(item)
    this.#count(held.principal, -held.bytes)
  }

  clear(): void {
    this.#held.clear()
    this.#bytes.clear()
    this.#all = 0
  }

  #count(principal: string, bytes: number): void {
    this.#all += bytes
    const theirs = (this.#bytes.get(principal) ?? 0) + bytes
    // Shares of a frame may not add up to the last bit.
    if (theirs > 1) this.#bytes.set(principal, theirs)
    else this.#bytes.delete(principal)
  }
}

/** It and its operations. */
const partsOf = (item: PushItem): number => 1 + (item.do === 'mutate' ? item.ops.length : 0)
