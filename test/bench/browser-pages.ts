import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { launchChromium } from '../support/chromium.ts'
import { dividedPage, PAGE_FILE, textsOf } from '../support/divided-page.ts'
import type { CpuProfile } from './isolate.ts'
import type * as Kit from './page/kit.ts'

declare global {
  /** Inside a page: the stores, and what is on its screen. */
  var bench: typeof Kit
}

/** `short`: as users get it. `kept`: a profile of it can be read. */
type Names = 'short' | 'kept'

/** What the server has, by its address: the code of the page, in the pieces that it loads when it needs them. */
const files = async (testFolder: string, names: Names): Promise<ReadonlyMap<string, string>> =>
  textsOf(
    await dividedPage(join(testFolder, 'bench/page'), PAGE, {
      outdir: `/${names}`,
      minifyWhitespace: true,
      minifySyntax: true,
      minifyIdentifiers: names === 'short',
    }),
  )

const PAGE = "import * as kit from './kit.ts'\nglobalThis.bench = kit"
const html = (names: Names) =>
  `<!doctype html><title>bench</title><script type="module" src="/${names}/${PAGE_FILE}"></script>`

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
    const short = await files(testFolder, 'short')
    let kept: ReadonlyMap<string, string> | undefined
    const server = createServer(async ({ url = '' }, response) => {
      if (url.startsWith('/kept/')) kept ??= await files(testFolder, 'kept')
      const code = short.get(url) ?? kept?.get(url)
      response.setHeader('content-type', code === undefined ? 'text/html' : 'text/javascript')
      response.end(code ?? html(url.startsWith('/profiled') ? 'kept' : 'short'))
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

  /** Where a page that shows what `asked` asks for spends its time, from its navigation until `seen`. */
  async profile(
    asked: Readonly<Record<string, string>>,
    seen: (page: Page) => Promise<unknown>,
  ): Promise<CpuProfile> {
    const page = await this.#profile.newPage()
    // Of the same site: what comes next is in the process that is asked.
    await page.goto(`${this.#url}profiled`)
    const devtools = await this.#profile.newCDPSession(page)
    await devtools.send('Profiler.enable')
    await devtools.send('Profiler.setSamplingInterval', { interval: 200 })
    await devtools.send('Profiler.start')
    await page.goto(`${this.#url}profiled?${new URLSearchParams(asked)}`)
    await seen(page)
    const { profile } = await devtools.send('Profiler.stop')
    await page.evaluate(() => bench.leave())
    await page.close()
    return { nodes: profile.nodes, samples: profile.samples ?? [] }
  }

  async close(): Promise<void> {
    await this.#browser.close()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
