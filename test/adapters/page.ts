import { expect, vi } from 'vitest'
import type { Driver, Inputs, Mounted, PageProps, PaneHooks } from './driver.ts'
import { Rooms } from './rooms.ts'

/** What one pane shows. */
export interface Shown {
  readonly room: string | undefined
  readonly status: string
  readonly pending: number
  readonly failed: string
  readonly phase: string
  readonly rows: readonly string[]
}

const text = (pane: Element, name: string) => pane.querySelector(name)?.textContent ?? ''

const shownBy = (pane: HTMLElement): Shown => ({
  room: pane.dataset.room,
  status: text(pane, 'b'),
  pending: Number(text(pane, 'i')),
  failed: text(pane, 'u'),
  phase: text(pane, 's'),
  rows: [...pane.querySelectorAll('li')].map((item) => item.textContent ?? ''),
})

/** A page of one framework, whose clock is the test's. */
export class TestPage {
  readonly rooms = new Rooms()
  /** Everything that any pane ever showed, in order. */
  readonly history: Shown[] = []
  readonly #driver: Driver
  readonly #into = document.createElement('div')
  readonly #hooks: (() => PaneHooks)[] = []
  #inputs: Inputs = { room: 'red', panes: 1, version: 1 }
  #mounted: Mounted | undefined
  #observer = new MutationObserver(() => this.history.push(...this.panes))

  constructor(driver: Driver) {
    this.#driver = driver
    document.body.append(this.#into)
    this.#observer.observe(this.#into, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    })
  }

  get panes(): readonly Shown[] {
    return [...this.#into.querySelectorAll('section')].map(shownBy)
  }

  /** What the only pane shows. */
  get pane(): Shown {
    const [pane, ...others] = this.panes
    expect(others).toEqual([])
    if (!pane) throw new Error('no pane is shown')
    return pane
  }

  /** What the component says of the connection that has no live query. */
  get banner(): string {
    return text(this.#into, 'em')
  }

  /** What the hooks of the newest pane have given it. */
  get hooks(): PaneHooks {
    const read = this.#hooks.at(-1)
    if (!read) throw new Error('no pane was mounted')
    return read()
  }

  /** What all panes were given, in all their renders. */
  get allHooks(): readonly PaneHooks[] {
    return this.#hooks.map((read) => read())
  }

  async mount(inputs: Partial<Inputs> = {}): Promise<void> {
    await this.act(() => {
      this.#mounted = this.#driver.mount(this.#into, this.#props(inputs))
    })
  }

  /** Takes over what a server has rendered, with what it has written into the page for whoever asks. */
  async hydrate(html: string, written: readonly object[] = []): Promise<void> {
    this.#into.innerHTML = html
    await this.act(() => {
      const unmount = this.#driver.hydrate(this.#into, this.#props({}), written)
      this.#mounted = { unmount, change: () => {} }
    })
  }

  /** Other inputs, and what comes of them at once. */
  async change(inputs: Partial<Inputs>): Promise<void> {
    this.#inputs = { ...this.#inputs, ...inputs }
    await this.act(() => this.#mounted?.change(this.#inputs))
  }

  async unmount(): Promise<void> {
    await this.act(() => this.#mounted?.unmount())
    this.#mounted = undefined
  }

  /** Does something, and lets `ms` milliseconds pass. */
  async act(task: () => unknown = () => {}, ms = 20): Promise<void> {
    await this.#driver.settle(async () => {
      await task()
      await vi.advanceTimersByTimeAsync(ms)
    })
  }

  #props(inputs: Partial<Inputs>): PageProps {
    this.#inputs = { ...this.#inputs, ...inputs }
    return { sync: this.rooms, inputs: this.#inputs, probe: (read) => void this.#hooks.push(read) }
  }

  async close(): Promise<void> {
    if (this.#mounted) await this.unmount()
    this.#observer.disconnect()
    this.#into.remove()
    await this.act(() => this.rooms.close())
  }
}
