import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { deadline } from '../support/deadline.ts'

const START_MS = 30_000

/**
 * Chromium as people run it. Under Playwright's own settings every page believes that it is in front, which is why it is never hidden
 * and never frozen, and there is no back/forward cache.
 */
export class PlainChromium {
  /** Its one profile: all pages are one person, and only one page at a time is in front. */
  readonly context: BrowserContext
  readonly #process: ChildProcess
  readonly #profile: string

  private constructor(context: BrowserContext, process: ChildProcess, profile: string) {
    this.context = context
    this.#process = process
    this.#profile = profile
  }

  static async launch(): Promise<PlainChromium> {
    const profile = await mkdtemp(join(tmpdir(), 'chromium-'))
    const child = spawn(
      process.env.CHROMIUM ?? '/usr/bin/chromium',
      [
        '--headless=new',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--remote-debugging-port=0',
        `--user-data-dir=${profile}`,
        'about:blank',
      ],
      // Its renderers are found by their group when it has to be killed.
      { detached: true, stdio: ['ignore', 'ignore', 'pipe'] },
    )
    try {
      const address = await deadline(addressOf(child.stderr), START_MS, 'Chromium')
      const browser = await chromium.connectOverCDP(address, { noDefaults: true })
      const [context] = browser.contexts()
      if (!context) throw new Error('Chromium has no profile')
      return new PlainChromium(context, child, profile)
    } catch (error) {
      end(child)
      throw error
    }
  }

  /** Freezes a page that is hidden, as Chromium does by itself after some minutes. Returns what thaws it. */
  async freeze(page: Page): Promise<() => Promise<void>> {
    const devtools = await this.context.newCDPSession(page)
    const set = (state: 'frozen' | 'active') => devtools.send('Page.setWebLifecycleState', { state })
    await set('frozen')
    return async () => {
      await set('active')
      await devtools.detach()
    }
  }

  async close(): Promise<void> {
    const gone = this.#process.exitCode === null ? once(this.#process, 'exit') : undefined
    end(this.#process)
    await gone
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
}

function end(child: ChildProcess): void {
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
}

async function addressOf(printed: Readable): Promise<string> {
  for await (const line of createInterface(printed)) {
    const [, address] = /DevTools listening on (ws:\S+)/.exec(line) ?? []
    if (address) {
      // Nobody reads the rest, and it must not wait for a reader.
      printed.resume()
      return address
    }
  }
  throw new Error('Chromium ended before it listened')
}
