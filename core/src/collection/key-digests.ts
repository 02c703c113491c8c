import { digestKey } from '../wire/key-digest.ts'

/** Finds held keys by their digests. Nothing is digested before the first removal that does not name its key. */
export class KeyDigests {
  readonly #keys = new Map<number, string>()
  #salt: string | undefined

  add(key: string): void {
    if (this.#salt !== undefined) this.#keys.set(digestKey(this.#salt, key), key)
  }

  remove(key: string): void {
    if (this.#salt !== undefined) this.#keys.delete(digestKey(this.#salt, key))
  }

  /** The keys with these digests. `held` names all keys, for a salt that is new. */
  resolve(salt: string, digests: ReadonlySet<number>, held: () => Iterable<string>): string[] {
    if (salt !== this.#salt) {
      this.#salt = salt
      this.#keys.clear()
      for (const key of held()) this.add(key)
    }
    return [...digests].map((digest) => this.#keys.get(digest)).filter((key) => key !== undefined)
  }
}
