import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { sourceCondition } from '../../vite.shared.ts'
import type * as Kit from './page/kit.ts'

declare global {
  /** Inside a page: the tabs of a room, and what tests do with them. */
  var tabKit: typeof Kit
}

const kitScript = async (): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('page/kit.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'tabKit',
    target: 'es2022',
    conditions: [sourceCondition],
    logLevel: 'silent',
  })
  return outputFiles[0]?.text ?? ''
}

/** Serves an empty page that has the kit, another that has nothing, and one whose sandbox makes its origin opaque. */
export class TabPages {
  readonly #server: Server
  readonly #port: number

  private constructor(server: Server) {
    this.#server = server
    this.#port = (server.address() as AddressInfo).port
  }

  static async start(): Promise<TabPages> {
    const code = await kitScript()
    const server = createServer(({ url }, response) => {
      response.setHeader('content-type', url === '/kit.js' ? 'text/javascript' : 'text/html')
      if (url === '/opaque') response.setHeader('content-security-policy', 'sandbox allow-scripts')
      const page = url === '/elsewhere' ? 'elsewhere' : '<script src="/kit.js"></script>'
      response.end(url === '/kit.js' ? code : `<!doctype html><title>${url}</title>${page}`)
    })
    await new Promise<void>((resolve) => server.listen(0, resolve))
    return new TabPages(server)
  }

  /** `host`: 127.0.0.1 is a secure context, other names are not. */
  url(path = '/', host = '127.0.0.1'): string {
    return `http://${host}:${this.#port}${path}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
