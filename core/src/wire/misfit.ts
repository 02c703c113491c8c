/** What is wrong with a value, and where in it: who finds it names nothing, whoever holds the value says where it has it. */
export class Misfit {
  readonly #what: string
  #path = ''

  constructor(what: string) {
    this.#what = what
  }

  /** The same, of what holds it: `.field` or `[index]`. */
  under(step: string): this {
    this.#path = step + this.#path
    return this
  }

  /** A sentence that names the field, or `whole` where it is none of its fields. */
  in(whole: string): string {
    return `${this.#path.replace(/^\./, '') || whole} ${this.#what}`
  }
}

export const misfit = (what: string): Misfit => new Misfit(what)
