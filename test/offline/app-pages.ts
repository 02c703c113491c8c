import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { BrowserContext, Page } from 'playwright-core'
import { sourceCondition } from '../../vite.shared.ts'
import type * as Kit from './page/kit.ts'

declare global {
  /** Inside a page: one client, and what a user does with it. */
  var app: typeof Kit
}

const script = async (): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('page/kit.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'app',
    target: 'es2022',
    conditions: [sourceCondition],
    logLevel: 'silent',
  })
  return outputFiles[0]?.text ?? ''
}

/** Serves the page of an app, from an origin that keeps its storage. The server of its data is another one. */
export class AppPages {
  readonly #server: Server
  readonly url: string

  private constructor(server: Server) {
    this.#server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  }

  static async start(): Promise<AppPages> {
    const code = await script()
    const server = createServer(({ url }, response) => {
      response.setHeader('content-type', url === '/app.js' ? 'text/javascript' : 'text/html')
      response.end(
        url === '/app.js' ? code : '<!doctype html><title>app</title><script src="/app.js"></script>',
      )
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new AppPages(server)
  }

  /** A page of the app on `options`, opened. */
  async open(context: BrowserContext, options: Kit.OpenOptions): Promise<Page> {
    const page = await context.newPage()
    await page.goto(this.url)
    await page.evaluate((how) => app.open(how), options)
    return page
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
