import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { BrowserContext, Page } from 'playwright-core'
import { sourceCondition } from '../../vite.shared.ts'
import type * as Kit from './page/kit.ts'

declare global {
  /** Inside a page: the storage engine, and what tests do with it. */
  var kit: typeof Kit
}

let script: Promise<string> | undefined

/** The engine and its kit as one script. Built once. */
function kitScript(): Promise<string> {
  script ??= build({
    entryPoints: [fileURLToPath(new URL('page/kit.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'kit',
    target: 'es2022',
    conditions: [sourceCondition],
    logLevel: 'silent',
  }).then(({ outputFiles: [file] }) => file?.text ?? '')
  return script
}

/** Serves an empty page that has the engine, from an origin that keeps its storage. */
export class StoragePages {
  readonly #server: Server
  readonly url: string

  private constructor(server: Server) {
    this.#server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  }

  static async start(port = 0): Promise<StoragePages> {
    const code = await kitScript()
    const server = createServer((request, response) => {
      const isScript = request.url === '/kit.js'
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
      response.end(isScript ? code : '<!doctype html><script src="/kit.js"></script>')
    })
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    return new StoragePages(server)
  }

  async open(context: BrowserContext): Promise<Page> {
    const page = await context.newPage()
    await page.goto(this.url)
    return page
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
