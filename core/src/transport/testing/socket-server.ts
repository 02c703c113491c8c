import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'

/** A WebSocket server for tests, on a port of its own. */
export class SocketServer {
  /** The paths of the upgrades, in order. */
  readonly upgrades: string[] = []
  readonly requests: string[] = []
  readonly sockets: WebSocket[] = []
  /** What an upgrade gets: a socket, a status, or no answer at all. */
  answer: 'accept' | 'hang' | number = 'accept'
  onSocket: (socket: WebSocket) => void = () => {}
  readonly #http: Server
  readonly #raw = new Set<Socket>()

  private constructor(http: Server) {
    this.#http = http
    const sockets = new WebSocketServer({ noServer: true })
    http.on('connection', (socket) => {
      this.#raw.add(socket)
      socket.on('close', () => this.#raw.delete(socket))
    })
    http.on('request', (request: IncomingMessage, response) => {
      this.requests.push(request.url ?? '')
      response.writeHead(typeof this.answer === 'number' ? this.answer : 426).end()
    })
    http.on('upgrade', (request: IncomingMessage, raw: Socket, head: Buffer) => {
      this.upgrades.push(request.url ?? '')
      raw.on('error', () => {})
      if (this.answer === 'hang') return
      if (this.answer !== 'accept') {
        raw.end(`HTTP/1.1 ${this.answer} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
        return
      }
      sockets.handleUpgrade(request, raw, head, (socket) => {
        this.sockets.push(socket)
        this.onSocket(socket)
      })
    })
  }

  static async start(): Promise<SocketServer> {
    const http = createServer()
    const server = new SocketServer(http)
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    return server
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#http.address() as AddressInfo).port}`
  }

  get open(): number {
    return this.sockets.filter((socket) => socket.readyState === WebSocket.OPEN).length
  }

  /** Cuts every connection without a word. */
  cut(): void {
    for (const raw of this.#raw) raw.destroy()
  }

  async stop(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#http.close(resolve))
  }
}
