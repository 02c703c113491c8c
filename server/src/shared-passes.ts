import type { Position } from '@durable-sync/core/wire'

/** Of all texts that are held, and of what they are held under. */
const MAX_CHARACTERS = 2 * 1024 * 1024

/** The frames of a pass without their ends; null where there is more than a pass may bring. */
export type PassFrames = readonly string[] | null

/**
 * What those lack who come back from one position with the same subscriptions: after a restart that is everybody. It is read once for all
 * of them, and held until something changes. That a table was dropped or altered no head tells.
 */
export class SharedPasses {
  readonly #passes = new Map<string, PassFrames>()
  #head: Position | undefined
  #characters = 0

  /** What `name` lacks at this head; what `read` does not return is not remembered, and what is no longer `readable` is read again. */
  at(head: Position, name: string, read: () => PassFrames | undefined, readable: () => boolean): PassFrames {
    if (head !== this.#head) this.#clear(head)
    const known = this.#passes.get(name)
    if (known !== undefined) {
      if (readable()) return known
      this.#passes.delete(name)
      this.#characters -= charactersOf(name, known)
    }
    const made = read()
    if (made === undefined) return null
    const characters = charactersOf(name, made)
    if (characters > MAX_CHARACTERS) return made
    if (this.#characters + characters > MAX_CHARACTERS) this.#clear(head)
    this.#characters += characters
    this.#passes.set(name, made)
    return made
  }

  #clear(head: Position): void {
    this.#head = head
    this.#characters = 0
    this.#passes.clear()
  }
}

const charactersOf = (name: string, frames: PassFrames): number =>
  (frames ?? []).reduce((sum, { length }) => sum + length, name.length)
