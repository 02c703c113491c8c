import type { BrowserContext, FrameLocator, Page } from 'playwright-core'

export const FRAMEWORKS = ['react', 'vue', 'solid', 'svelte'] as const
export type Framework = (typeof FRAMEWORKS)[number]

const PATIENCE_MS = 30_000

/** A pane of the lab's chat, alone in a window or beside others in the lab's home. The same in all four frameworks. */
export class LabPane {
  readonly #at: Page | FrameLocator

  constructor(at: Page | FrameLocator) {
    this.#at = at
  }

  static async open(context: BrowserContext, address: string): Promise<LabPane> {
    const page = await context.newPage()
    await page.goto(address)
    return new LabPane(page)
  }

  async write(content: string): Promise<void> {
    const composer = this.#at.getByTestId('composer')
    await composer.fill(content, { timeout: PATIENCE_MS })
    await composer.press('Enter')
  }

  /** Writes, and waits until it shows. */
  async say(content: string): Promise<void> {
    await this.write(content)
    await this.shows(content)
  }

  /** Waits until so many messages on the screen are not sent. */
  async unsent(count: number): Promise<void> {
    const last = this.#at.locator('[data-testid=message][data-state=pending]').nth(count - 1)
    await last.waitFor({ timeout: PATIENCE_MS })
  }

  async shows(content: string): Promise<void> {
    await this.#at
      .getByTestId('message')
      .getByText(content, { exact: true })
      .waitFor({ timeout: PATIENCE_MS })
  }

  /** Id and words of each message, from the top. */
  messages(): Promise<string[]> {
    return this.#at
      .getByTestId('message')
      .evaluateAll((shown) =>
        shown.map(
          (message) => `${message.getAttribute('data-id')} ${message.querySelector('.words')?.textContent}`,
        ),
      )
  }

  count(): Promise<number> {
    return this.#at.getByTestId('message').count()
  }

  async openLab(): Promise<void> {
    await this.#at.getByTestId('lab').locator('> summary').click({ timeout: PATIENCE_MS })
    await this.#at.getByTestId('lab-offline').waitFor()
  }

  /** Presses a button of the lab's open panel. */
  async press(button: 'offline' | 'kill' | 'refuse' | 'restart'): Promise<void> {
    await this.#at.getByTestId(`lab-${button}`).click({ timeout: PATIENCE_MS })
  }

  async hears(words: string): Promise<void> {
    await this.#at
      .getByRole('group', { name: 'Make it hard' })
      .getByText(words)
      .waitFor({ timeout: PATIENCE_MS })
  }

  /** Waits until the line of the lab's panel says so. */
  async is(facts: { state?: string; pending?: number; refused?: number; unkept?: number }): Promise<void> {
    const conditions = Object.entries(facts).map(([name, value]) => `[data-${name}="${value}"]`)
    await this.#at
      .locator(`[data-testid=lab-state]${conditions.join('')}`)
      .waitFor({ state: 'attached', timeout: PATIENCE_MS })
  }

  /** Waits until this device keeps everything that was written in this window. Before that a write is lost with the page. */
  async keepsWrites(): Promise<void> {
    await this.is({ unkept: 0 })
  }

  async reload(): Promise<void> {
    await this.#page.reload()
  }

  get #page(): Page {
    if ('goto' in this.#at) return this.#at
    throw new Error('this pane has no window of its own')
  }
}
