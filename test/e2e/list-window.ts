import { decodeServerFrame, PONG, type ServerFrame } from '@durable-sync/core/wire'
import type { BrowserContext, Locator, Page } from 'playwright-core'

/** Chromium's own lines about a server that is not there. No page can keep them from being written. */
const NETWORK = /^(WebSocket connection to .* failed|Failed to load resource)/

const PATIENCE_MS = 30_000

/** A row of a table as it came over the line. */
export type HeardRow = Readonly<Record<string, unknown>>

/** One window of the board or of the items, as somebody in front of it has it. */
export class ListWindow {
  readonly page: Page
  /** Errors and warnings on the console, uncaught exceptions, unhandled rejections. */
  readonly complaints: string[] = []
  /** Every message of the server, on whatever socket. */
  readonly heard: string[] = []

  private constructor(page: Page) {
    this.page = page
    page.on('console', (message) => {
      if ((message.type() === 'error' || message.type() === 'warning') && !NETWORK.test(message.text()))
        this.complaints.push(message.text())
    })
    page.on('pageerror', (error) => this.complaints.push(`uncaught: ${error.stack ?? error.message}`))
    page.on('websocket', (socket) => {
      socket.on('framereceived', ({ payload }) => this.heard.push(String(payload)))
    })
  }

  static async open(context: BrowserContext, url: string): Promise<ListWindow> {
    const window = await ListWindow.openOffline(context, url)
    await window.page
      .locator('[data-testid=status][data-state=connected]')
      .waitFor({ state: 'attached', timeout: PATIENCE_MS })
    return window
  }

  /** As `open`, where there may be no server. */
  static async openOffline(context: BrowserContext, url: string): Promise<ListWindow> {
    const window = new ListWindow(await context.newPage())
    await window.page.goto(url)
    return window
  }

  /** Waits until the browser keeps the page itself. */
  async keepsPage(): Promise<void> {
    await this.page.evaluate(async () => void (await navigator.serviceWorker.ready))
  }

  /** A row that is drawn. */
  row(id: string): Locator {
    return this.page.locator(`[data-testid=row][data-id="${id}"]`)
  }

  /** The ids of the rows that are drawn, from the top. */
  shown(): Promise<string[]> {
    return this.page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('[data-testid=row]')].map(({ dataset }) => dataset.id ?? ''),
    )
  }

  /** One of the page's counters. */
  async counter(name: 'held' | 'received' | 'bytes' | 'subscriptions' | 'position'): Promise<number> {
    return Number(await this.page.getByTestId(name).getAttribute('data-value'))
  }

  /** Every row of a table that ever came to this window, oldest first. */
  rowsHeard(table: string): HeardRow[] {
    return this.heard.flatMap((text) => {
      const frame = text === PONG ? undefined : decodeServerFrame(text)
      return frame ? blocksOf(frame, table).flatMap(({ cols, up }) => up.map((row) => rowOf(cols, row))) : []
    })
  }
}

interface Block {
  readonly cols: readonly string[]
  readonly up: readonly (readonly unknown[])[]
}

/** The rows of a join or a page do not say of which table they are: a table is known by its columns. */
function blocksOf(frame: ServerFrame, table: string): Block[] {
  if (frame.type === 'changes')
    return Object.entries(frame.tables).flatMap(([name, block]) => (name === table ? block : []))
  if (frame.type !== 'chunk' && frame.type !== 'page') return []
  return TABLES[table]?.every((column) => frame.cols.includes(column)) ? [frame] : []
}

const TABLES: Readonly<Record<string, readonly string[]>> = {
  tasks: ['title', 'votes'],
  items: ['category', 'description'],
}

const rowOf = (cols: readonly string[], row: readonly unknown[]): HeardRow =>
  Object.fromEntries(cols.map((column, i) => [column, row[i]]))
