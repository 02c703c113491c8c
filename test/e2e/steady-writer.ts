import type { ChatWindow } from './chat-window.ts'

const EVERY_MS = 50

declare global {
  interface Window {
    steadyWriter: { readonly typed: string[]; readonly stop: () => number }
  }
}

/**
 * Runs in the page: types and sends a message into the composer every so often, counted by the clock, so that a page that was held up
 * catches up; but never two in one task, or a page on a busy machine would do nothing else any more. `stop` returns how many
 * milliseconds it took.
 */
function writeSteadily([name, everyMs]: readonly [string, number]): void {
  const composer = document.querySelector('textarea') as HTMLTextAreaElement
  // React looks for values that were set behind its back, and this is how a keyboard sets them.
  const setValue = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value')?.set
  const typed: string[] = []
  const send = () => {
    const marker = `${name}-${String(typed.length + 1).padStart(4, '0')}`
    setValue?.call(composer, marker)
    composer.dispatchEvent(new Event('input', { bubbles: true }))
    composer.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))
    typed.push(marker)
  }
  const since = performance.now()
  const timer = setInterval(() => {
    if (typed.length * everyMs < performance.now() - since) send()
  }, everyMs / 2)
  const stop = () => {
    clearInterval(timer)
    return performance.now() - since
  }
  window.steadyWriter = { typed, stop }
}

/** Somebody who types twenty messages a second until told to stop: `w1-0001`, `w1-0002` and so on. */
export class SteadyWriter {
  readonly window: ChatWindow
  readonly name: string

  private constructor(window: ChatWindow, name: string) {
    this.window = window
    this.name = name
  }

  static async start(window: ChatWindow, name: string): Promise<SteadyWriter> {
    await window.page.evaluate(writeSteadily, [name, EVERY_MS] as const)
    return new SteadyWriter(window, name)
  }

  /** How many there are so far. */
  typed(): Promise<number> {
    return this.window.page.evaluate(() => window.steadyWriter.typed.length)
  }

  /** Waits until this window has drawn something that `other` types after this moment; earlier ones may be too far up to be drawn. */
  async hears(other: SteadyWriter): Promise<void> {
    await this.window.page.waitForFunction(
      ([name, before]) =>
        Object.keys(window.screenRecord.ids).some((content) => {
          const [by, number] = content.split('-')
          return by === name && Number(number) > before
        }),
      [other.name, await other.typed()] as const,
      { timeout: 60_000 },
    )
  }

  /** Returns everything that was typed, and how much of it in a second. */
  async stop(): Promise<{ readonly typed: readonly string[]; readonly rate: number }> {
    const { typed, ms } = await this.window.page.evaluate(() => ({
      ms: window.steadyWriter.stop(),
      typed: window.steadyWriter.typed,
    }))
    return { typed, rate: (1000 * typed.length) / ms }
  }
}
