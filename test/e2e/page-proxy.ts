import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { startProxy, type TcpProxy } from '../support/proxy.ts'

export interface PageProxy {
  readonly url: string
  /** The way of the page's sockets, and of nothing else: what is done here leaves the page itself loadable. */
  readonly sockets: TcpProxy
  /** On the sockets that are open now the server still hears the page, and the page hears nothing more. */
  readonly mute: () => void
  /** How many bytes each muted page has missed since. */
  readonly missed: () => readonly number[]
  readonly stop: () => Promise<void>
}

/** What the server says on one socket; `missed` counts what has not been passed on, null while all of it is. */
interface Link {
  missed: number | null
}

/** The playground under another origin: files pass, sockets take a way that can be cut, blocked and counted. */
export async function startPageProxy(target: () => number): Promise<PageProxy> {
  const sockets = await startProxy(target)
  const links = new Set<Link>()
  const server = createServer((asked, answer) => passFile(target(), asked, answer))
  server.on('upgrade', (asked: IncomingMessage, page: Duplex, head: Buffer) => {
    const upstream = connect({ port: sockets.port, host: '127.0.0.1' })
    upstream.write(headOf(asked))
    upstream.write(head)
    page.pipe(upstream)
    const link: Link = { missed: null }
    links.add(link)
    upstream.on('data', (bytes: Buffer) => {
      if (link.missed === null) page.write(bytes)
      else link.missed += bytes.length
    })
    // However one side ends, the other one ends too: nobody keeps half a socket.
    for (const [side, other] of [
      [page, upstream],
      [upstream, page],
    ] as const) {
      side.on('error', () => other.destroy())
      side.on('close', () => {
        links.delete(link)
        other.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    sockets,
    mute: () => {
      for (const link of links) link.missed ??= 0
    },
    missed: () => [...links].flatMap(({ missed }) => missed ?? []),
    stop: async () => {
      await sockets.stop()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function passFile(port: number, asked: IncomingMessage, answer: ServerResponse): void {
  const { method = 'GET', url = '/', headers } = asked
  const passed = request({ host: '127.0.0.1', port, method, path: url, headers, agent: false }, (file) => {
    answer.writeHead(file.statusCode ?? 502, file.headers)
    file.pipe(answer)
  })
  passed.on('error', () => answer.destroy())
  asked.pipe(passed)
}

/** The request as it came. */
function headOf({ method, url, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/1.1`]
  for (let i = 0; i < rawHeaders.length; i += 2) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}
