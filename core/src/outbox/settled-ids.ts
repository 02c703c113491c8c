/** More than writes can be pending at a time. */
const MOST = 20_000

/** The writes that were lately settled here. A storage that was read before may still have them: they are not taken up again. */
export class SettledIds {
  readonly #ids = new Set<string>()

  add(ids: readonly string[]): void {
    for (const id of ids) this.#ids.add(id)
    for (const id of this.#ids) {
      if (this.#ids.size <= MOST) break
      this.#ids.delete(id)
    }
  }

  has(id: string): boolean {
    return this.#ids.has(id)
  }
}
