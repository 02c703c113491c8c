import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { deadline } from './deadline.ts'
import { FrameLink, type Rule } from './frame-link.ts'
import { transparent } from './frame-rules.ts'

export interface FrameProxy {
  readonly port: number
  /** What is done with each message from now on. */
  rule: Rule
  /** Every connection so far, the oldest first. */
  readonly links: readonly FrameLink[]
  /** The connection with this number from 0, as soon as it exists. */
  readonly link: (index: number) => Promise<FrameLink>
  /** Ends every connection without a close frame: both sides see 1006. New ones pass. */
  readonly cut: () => void
  readonly stop: () => Promise<void>
}

/** Hop-by-hop and handshake headers, which belong to each connection alone. */
const OWN_HEADERS = /^(?:host|connection|upgrade|sec-websocket-.*)$/
const PATIENCE_MS = 5000

const passedOn = (request: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      typeof value === 'string' && !OWN_HEADERS.test(name) ? [[name, value]] : [],
    ),
  )

/**
 * A WebSocket proxy on loopback that sees frames: paths, queries and headers pass unchanged to the port that `target` names. A refused
 * upgrade is refused with the same status.
 */
export async function startFrameProxy(target: number | (() => number)): Promise<FrameProxy> {
  const links: FrameLink[] = []
  const arrivals = new Set<() => void>()
  const proxy = { rule: transparent }
  const chosen = new WeakMap<IncomingMessage, string>()
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    handleProtocols: (_offered, request) => chosen.get(request) || false,
  })
  const http = createServer((_request, response) => response.writeHead(426).end())

  http.on('upgrade', (request: IncomingMessage, socket, head) => {
    const port = typeof target === 'number' ? target : target()
    const offered = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? []
    const upstream = new WebSocket(`ws://127.0.0.1:${port}${request.url ?? '/'}`, offered, {
      headers: passedOn(request),
      perMessageDeflate: false,
    })
    // Not one message may pass before the listeners of both sides are in place.
    upstream.once('open', () => {
      upstream.pause()
      chosen.set(request, upstream.protocol)
      server.handleUpgrade(request, socket, head, (client) => {
        links.push(new FrameLink(links.length, client, socket, upstream, () => proxy.rule))
        upstream.resume()
        for (const wake of arrivals) wake()
      })
    })
    upstream.once('unexpected-response', (_request, response) => {
      const lines = [
        `HTTP/1.1 ${response.statusCode} ${response.statusMessage ?? ''}`,
        'connection: close',
        '',
        '',
      ]
      socket.write(lines.join('\r\n'))
      response.on('data', (bytes: Buffer) => socket.write(bytes))
      response.on('end', () => socket.end())
    })
    upstream.on('error', () => {
      if (upstream.readyState !== upstream.OPEN) socket.destroy()
    })
    socket.on('error', () => upstream.terminate())
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))

  const cut = () => {
    for (const link of links) link.cut()
  }
  const link = async (index: number): Promise<FrameLink> => {
    const present = () => links[index]
    const found = present()
    if (found) return found
    let wake = () => {}
    const made = new Promise<FrameLink>((resolve) => {
      wake = () => {
        const made = present()
        if (made) resolve(made)
      }
      arrivals.add(wake)
    })
    return deadline(made, PATIENCE_MS, `connection ${index}`).finally(() => arrivals.delete(wake))
  }
  return Object.assign(proxy, {
    port: (http.address() as AddressInfo).port,
    links,
    link,
    cut,
    stop: async () => {
      cut()
      server.close()
      http.closeAllConnections()
      await new Promise<void>((resolve) => http.close(() => resolve()))
    },
  })
}
