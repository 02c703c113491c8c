import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

type Answer = readonly [type: string, body: string]

const TYPES = { page: 'text/html', script: 'text/javascript', json: 'application/json' } as const

/** What a bundler makes of one version: a document, the script that it asks for, and one that is loaded when somebody wants more. */
const filesOf = (version: number): Readonly<Record<string, Answer>> => ({
  '/': [TYPES.page, `<p>nothing</p><script type="module" src="/assets/index-${version}.js"></script>`],
  '/files.json': [
    TYPES.json,
    JSON.stringify({
      'index.html': { file: `assets/index-${version}.js` },
      'more.js': { file: `assets/more-${version}.js` },
    }),
  ],
  [`/assets/index-${version}.js`]: [
    TYPES.script,
    `document.querySelector('p').textContent = 'version ${version}'
     globalThis.more = () => import('./more-${version}.js').then((part) => part.more)
     navigator.serviceWorker.register('/sw.js')`,
  ],
  [`/assets/more-${version}.js`]: [TYPES.script, `export const more = 'more of ${version}'`],
})

/** An app that is deployed again and again, with a service worker that never changes. */
export class AppVersions {
  readonly #server: Server
  #version = 1
  /** Assets are cut off: the line breaks once a page has its document. */
  breaksAfterDocument = false
  /** Every page is somebody else's: a login. */
  asksToSignIn = false

  private constructor(serviceWorker: string) {
    this.#server = createServer(({ url = '/' }, response) => {
      if (this.breaksAfterDocument && url.startsWith('/assets/')) return response.destroy()
      if (this.asksToSignIn && url === '/') return response.writeHead(302, { location: '/login' }).end()
      const [type, body] = this.#answer(url, serviceWorker) ?? []
      response.writeHead(type === undefined ? 404 : 200, { 'content-type': type ?? 'text/plain' }).end(body)
      return undefined
    })
  }

  static async start(serviceWorker: string): Promise<AppVersions> {
    const app = new AppVersions(serviceWorker)
    await new Promise<void>((resolve) => app.#server.listen(0, '127.0.0.1', resolve))
    return app
  }

  get url(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}/`
  }

  /** What an older version had is gone. */
  deploy(version: number): void {
    this.#version = version
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  #answer(url: string, serviceWorker: string): Answer | undefined {
    if (url === '/sw.js') return [TYPES.script, serviceWorker]
    if (url === '/login') return [TYPES.page, '<p>sign in</p>']
    if (url === '/picture.svg') return ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg"/>']
    return filesOf(this.#version)[url]
  }
}
