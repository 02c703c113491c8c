import type { Socket } from 'node:net'
import { WebSocket } from 'ws'

/** TCP payload in bytes, upgrade and frame headers included, as the client sees it. */
export interface Traffic {
  readonly up: number
  readonly down: number
}

/** The sockets of one client. */
export interface CountedSockets {
  /** The class that the client makes its sockets of. */
  readonly WebSocket: new (
    url: string,
  ) => WebSocket
  /** Over all sockets so far. */
  traffic(): Traffic
  /** Ends every connection without a close frame. */
  cut(): void
}

/** `compression: 'deflate'` offers what browsers offer. */
export function countedSockets(compression: 'none' | 'deflate'): CountedSockets {
  const links: Socket[] = []
  const sockets: WebSocket[] = []
  class CountedSocket extends WebSocket {
    constructor(url: string) {
      super(url, { perMessageDeflate: compression === 'deflate' })
      sockets.push(this)
      this.on('upgrade', ({ socket }) => links.push(socket))
    }
  }
  const sum = (count: (link: Socket) => number) => links.reduce((total, link) => total + count(link), 0)
  return {
    WebSocket: CountedSocket,
    traffic: () => ({ up: sum((link) => link.bytesWritten), down: sum((link) => link.bytesRead) }),
    cut: () => {
      for (const socket of sockets) socket.terminate()
    },
  }
}

export const trafficSince = (before: Traffic, after: Traffic): Traffic => ({
  up: after.up - before.up,
  down: after.down - before.down,
})
