/** Counts who listens to the page itself: its window, its document, its channels. What listens to an element goes with the element. */
export class PageListeners {
  readonly #targets = new Map<EventTarget, Set<string>>()
  readonly #names = new Map<unknown, number>()
  readonly #add = EventTarget.prototype.addEventListener
  readonly #remove = EventTarget.prototype.removeEventListener

  constructor() {
    const { count, discount } = this
    const [add, remove] = [this.#add, this.#remove]
    EventTarget.prototype.addEventListener = function (this: EventTarget | undefined, ...given) {
      count(this ?? window, ...given)
      add.apply(this ?? window, given)
    }
    EventTarget.prototype.removeEventListener = function (this: EventTarget | undefined, ...given) {
      discount(this ?? window, ...given)
      remove.apply(this ?? window, given)
    }
  }

  /** What is listened to, once for each listener. */
  get now(): readonly string[] {
    return [...this.#targets.values()].flatMap((keys) => [...keys]).sort()
  }

  readonly count = (target: EventTarget, ...given: Parameters<EventTarget['addEventListener']>): void => {
    if (target instanceof Element) return
    const keys = this.#targets.get(target) ?? new Set()
    this.#targets.set(target, keys.add(this.#key(given)))
  }

  readonly discount = (
    target: EventTarget,
    ...given: Parameters<EventTarget['removeEventListener']>
  ): void => {
    this.#targets.get(target)?.delete(this.#key(given))
  }

  restore(): void {
    EventTarget.prototype.addEventListener = this.#add
    EventTarget.prototype.removeEventListener = this.#remove
  }

  /** What the platform takes for the same listener. */
  #key([type, listener, options]: Parameters<EventTarget['removeEventListener']>): string {
    const capture = typeof options === 'object' ? options.capture === true : options === true
    const name = this.#names.get(listener) ?? this.#names.size
    this.#names.set(listener, name)
    return `${type} ${capture ? 'captured ' : ''}by ${name}`
  }
}
