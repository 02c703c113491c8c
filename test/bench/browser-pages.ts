import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { sourceCondition } from '../../vite.shared.ts'
import { launchChromium } from '../support/chromium.ts'
import type * as Kit from './page/kit.ts'

declare global {
  /** Inside a page: the stores, and what is on its screen. */
  var bench: typeof Kit
}

/** What the server has, by its address: the page, and its code in the pieces that it loads when it needs them. */
async function files(testFolder: string): Promise<ReadonlyMap<string, string>> {
  const { outputFiles } = await build({
    stdin: { contents: PAGE, resolveDir: join(testFolder, 'bench/page'), loader: 'ts' },
    outdir: '/',
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    conditions: [sourceCondition],
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'silent',
  })
  return new Map(outputFiles.map(({ path, text }) => [path, text]))
}

const PAGE = "import * as kit from './kit.ts'\nglobalThis.bench = kit"
const HTML = '<!doctype html><title>bench</title><script type="module" src="/stdin.js"></script>'

/** One profile of Chromium, whose pages share what is stored. */
export class BrowserPages {
  readonly #server: Server
  readonly #browser: Browser
  readonly #profile: BrowserContext
  readonly #url: string

  private constructor(server: Server, browser: Browser, profile: BrowserContext) {
    this.#server = server
    this.#browser = browser
    this.#profile = profile
    this.#url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  }

  static async start(testFolder: string): Promise<BrowserPages> {
    const code = await files(testFolder)
    const server = createServer(({ url = '' }, response) => {
      const script = code.get(url)
      response.setHeader('content-type', script === undefined ? 'text/html' : 'text/javascript')
      response.end(script ?? HTML)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const browser = await launchChromium()
    return new BrowserPages(server, browser, await browser.newContext())
  }

  /** A page that shows what `asked` asks for; see `page/shown-rows.ts`. */
  async open(asked: Readonly<Record<string, string>> = {}): Promise<Page> {
    const page = await this.#profile.newPage()
    page.on('pageerror', (error) => console.error(error))
    await page.goto(`${this.#url}?${new URLSearchParams(asked)}`)
    return page
  }

  async close(): Promise<void> {
    await this.#browser.close()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
