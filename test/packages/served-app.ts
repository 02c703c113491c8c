import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { extname, join } from 'node:path'
import type { Duplex } from 'node:stream'

export interface ServedApp {
  readonly url: string
  readonly stop: () => Promise<void>
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

/** The files of an app and the sockets of a Worker under one origin, as the Worker has them when the files are its assets. */
export async function serveApp(dist: string, workerPort: number): Promise<ServedApp> {
  const server = createServer((asked, answer) => {
    const { pathname } = new URL(asked.url ?? '/', 'http://page')
    const file = pathname === '/' ? 'index.html' : pathname
    readFile(join(dist, file)).then(
      (bytes) => answer.writeHead(200, { 'content-type': TYPES[extname(file)] ?? '' }).end(bytes),
      () => answer.writeHead(404).end(),
    )
  })
  server.on('upgrade', (asked: IncomingMessage, page: Duplex, head: Buffer) => {
    const worker = connect({ port: workerPort, host: '127.0.0.1' })
    worker.write(headOf(asked))
    worker.write(head)
    page.pipe(worker).pipe(page)
    for (const [side, other] of [
      [page, worker],
      [worker, page],
    ] as const) {
      side.on('error', () => other.destroy())
      side.on('close', () => other.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** The request as it came: its Host is the page's, and so its origin is the Worker's own. */
function headOf({ method, url, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/1.1`]
  for (let i = 0; i < rawHeaders.length; i += 2) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}
