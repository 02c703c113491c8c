/** Something that happens once. */
export class Signal {
  readonly given: Promise<void>
  #give: () => void = () => {}

  constructor() {
    this.given = new Promise((resolve) => {
      this.#give = resolve
    })
  }

  now(): void {
    this.#give()
  }
}
