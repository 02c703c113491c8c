import type { BrowserContext, Page } from 'playwright-core'
import { recordScreen, type ScreenRecord } from './screen-record.ts'

export interface ShownMessage {
  readonly id: string
  readonly author: string
  readonly content: string
  readonly state: string
}

/** Chromium's own lines about a server that is not there. No page can keep them from being written. */
const NETWORK = /^(WebSocket connection to .* failed|Failed to load resource)/
/** What the library tells a developer of what these tests do: they cut the network, and write what the object refuses. */
const TOLD = /^durable-sync: the (connection is tried again|insert of \S+ was refused) /

const PATIENCE_MS = 30_000

/** One window of the chat, as somebody in front of it has it. */
export class ChatWindow {
  readonly page: Page
  /** Errors on the console, uncaught exceptions, unhandled rejections. */
  readonly complaints: string[] = []
  /** How many sockets the page has dialled. */
  sockets = 0
  /** Every message of the server, on whatever socket. */
  readonly heard: string[] = []

  private constructor(page: Page) {
    this.page = page
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text())
    })
    page.on('pageerror', (error) => this.complaints.push(`uncaught: ${error.stack ?? error.message}`))
    page.on('websocket', (socket) => {
      this.sockets++
      socket.on('framereceived', ({ payload }) => this.heard.push(String(payload)))
    })
  }

  /** Windows of one context are one person; `seat` makes another one. */
  static async open(context: BrowserContext, url: string, room: string, seat = 1): Promise<ChatWindow> {
    const window = new ChatWindow(await context.newPage())
    await window.page.addInitScript(recordScreen)
    await window.page.goto(`${url}chat?room=${room}&seat=${seat}`)
    await window.page.getByTestId('composer').waitFor({ timeout: PATIENCE_MS })
    return window
  }

  /** The complaints that are the page's own. */
  get ownComplaints(): string[] {
    return this.complaints.filter((text) => !NETWORK.test(text) && !TOLD.test(text))
  }

  /** Types a message where the cursor is, which is the composer unless somebody moved it, and sends it. */
  async say(content: string): Promise<void> {
    await this.page.keyboard.insertText(content)
    await this.page.keyboard.press('Enter')
  }

  /** What is on the screen, from the top, in one look: `evaluateAll` would find first and read later. */
  messages(): Promise<ShownMessage[]> {
    return this.page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('[data-testid=message]')].map(
        ({ dataset, textContent }) => ({
          id: dataset.id ?? '',
          author: dataset.author ?? '',
          content: textContent,
          state: dataset.state ?? '',
        }),
      ),
    )
  }

  /** The words of the messages on the screen, from the top. */
  async contents(): Promise<string[]> {
    return (await this.messages()).map(({ content }) => content)
  }

  async state(): Promise<string> {
    return (await this.page.getByTestId('status').getAttribute('data-state')) ?? ''
  }

  words(): Promise<string> {
    return this.page.getByTestId('status').innerText()
  }

  async unsent(): Promise<number> {
    return Number(await this.page.getByTestId('pending').getAttribute('data-count'))
  }

  /** Waits for a state of the connection. */
  async becomes(state: string): Promise<void> {
    await this.page
      .locator(`[data-testid=status][data-state=${state}]`)
      .waitFor({ state: 'attached', timeout: PATIENCE_MS })
  }

  /** Waits for a message. */
  async shows(content: string): Promise<void> {
    await this.page
      .getByTestId('message')
      .getByText(content, { exact: true })
      .waitFor({ state: 'attached', timeout: PATIENCE_MS })
  }

  /** Waits until everything that was written here is confirmed. */
  async settles(): Promise<void> {
    await this.page
      .locator('[data-testid=pending][data-count="0"]')
      .waitFor({ state: 'attached', timeout: PATIENCE_MS })
  }

  /** Waits until `count` messages are on the screen, asking for earlier ones as often as the page offers them. */
  async showAll(): Promise<void> {
    const earlier = this.page.getByRole('button', { name: 'Show earlier messages' })
    while ((await earlier.count()) > 0) await earlier.click()
  }

  /** Waits until the browser keeps the page itself. */
  async keepsPage(): Promise<void> {
    await this.page.evaluate(async () => void (await navigator.serviceWorker.ready))
  }

  /** Waits until this device keeps everything that was written here. Before that a write is lost with the page. */
  async keepsWrites(): Promise<void> {
    await this.page.waitForFunction(() => document.querySelector('[data-kept=false]') === null)
  }

  /** Loads the page again, from wherever it comes. */
  async reload(): Promise<void> {
    await this.page.reload()
    await this.page.getByTestId('composer').waitFor({ timeout: PATIENCE_MS })
  }

  /** Opens the panel with its facts and controls. */
  async openPanel(): Promise<void> {
    await this.page.getByTestId('panel').locator('summary').click()
    await this.page.getByTestId('offline-switch').waitFor()
  }

  /** What the open panel says of `name`. */
  async fact(name: 'connection' | 'at' | 'unsent' | 'failed' | 'tab' | 'storage'): Promise<string> {
    return (await this.page.getByTestId(`fact-${name}`).getAttribute('data-value')) ?? ''
  }

  /** Content and state of the messages on the screen, from the top. */
  async states(): Promise<string[]> {
    return (await this.messages()).map(({ content, state }) => `${content} ${state}`)
  }

  record(): Promise<ScreenRecord> {
    return this.page.evaluate(() => window.screenRecord)
  }
}
