import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BrowserContext, Page } from 'playwright-core'
import { dividedPage, PAGE_FILE, textsOf } from '../support/divided-page.ts'
import type * as Kit from './page/divided-app.ts'

declare global {
  /** Inside a page: an app whose code comes in several files. */
  var divided: typeof Kit
}

const KIT = fileURLToPath(new URL('page/divided-app.ts', import.meta.url))

const CODE = `import * as kit from ${JSON.stringify(KIT)}; globalThis.divided = kit`
const HOME = `<!doctype html><title>app</title><script type="module" src="/${PAGE_FILE}"></script>`

/** By the name of the file. */
async function files(): Promise<ReadonlyMap<string, string>> {
  const texts = textsOf(await dividedPage('/', CODE, { outdir: '/' }))
  return new Map([...texts].map(([path, text]) => [basename(path), text]))
}

/** Serves an app as a bundler divides it, and may refuse files of it. */
export class DividedPages {
  readonly #server: Server
  readonly #texts: ReadonlyMap<string, string>
  readonly #refusals = new Map<string, number>()
  readonly #asked = new Map<string, number>()

  private constructor(texts: ReadonlyMap<string, string>) {
    this.#texts = texts
    this.#server = createServer(({ url = '' }, response) => {
      const name = basename(url)
      const text = texts.get(name)
      const times = this.asked(name)
      this.#asked.set(name, times + 1)
      response.setHeader('content-type', text === undefined ? 'text/html' : 'text/javascript')
      if (times < (this.#refusals.get(name) ?? 0)) response.writeHead(503).end()
      else response.end(text ?? HOME)
    })
  }

  static async start(): Promise<DividedPages> {
    const pages = new DividedPages(await files())
    await new Promise<void>((resolve) => pages.#server.listen(0, '127.0.0.1', resolve))
    return pages
  }

  /** The file that an `import()` of this source loads. */
  fileOf(source: string): string {
    const found = [...this.#texts.keys()].find((name) => name.startsWith(`${source}-`))
    if (found === undefined) throw new Error(`there is no file of its own for ${source}`)
    return found
  }

  /** A file that this one imports, and that the page does not have yet. */
  importOf(file: string): string {
    const imports = (name: string) =>
      [...(this.#texts.get(name) ?? '').matchAll(/from "\.\/(chunk-\w+\.js)"/g)].map(
        ([, chunk = '']) => chunk,
      )
    const there = new Set([PAGE_FILE])
    for (const name of there) for (const chunk of imports(name)) there.add(chunk)
    const found = imports(file).find((chunk) => !there.has(chunk))
    if (found === undefined) throw new Error(`${file} imports nothing but what the page has`)
    return found
  }

  /** From now on the first `times` requests for a file are answered with 503, and those for all others are answered. */
  refuse(file: string, times: number): void {
    this.#asked.clear()
    this.#refusals.clear()
    this.#refusals.set(file, times)
  }

  /** How often it has been asked for since. */
  asked(file: string): number {
    return this.#asked.get(file) ?? 0
  }

  async open(context: BrowserContext, options: Kit.DividedOptions): Promise<Page> {
    const page = await context.newPage()
    await page.goto(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`)
    await page.waitForFunction(() => typeof divided === 'object')
    await page.evaluate((how) => divided.open(how), options)
    return page
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
