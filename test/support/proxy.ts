import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { type Lane, lane } from './lane.ts'

/**
 * What the proxy does with connections:
 *
 *   open     passes bytes on, after the delay
 *   hanging  keeps connections but passes nothing on; all that was sent arrives after `mend`
 *   down     refuses new connections with a reset
 */
type Mode = 'open' | 'hanging' | 'down'

export interface TcpProxy {
  readonly port: number
  /** Resets every connection: both sides see 1006. New ones pass. */
  readonly cut: () => void
  /** Resets every connection and refuses new ones until `mend`. */
  readonly down: () => void
  /** A black hole: connections stay open, nothing passes in either direction until `mend`. */
  readonly hang: () => void
  readonly mend: () => void
  /** What is sent from now on arrives this many milliseconds later, in order. */
  readonly delay: (ms: number) => void
  /** Connections open at this moment. */
  readonly connections: () => number
  readonly stop: () => Promise<void>
}

interface Link {
  readonly client: Socket
  readonly upstream: Socket
  readonly lanes: readonly Lane[]
}

const resetBoth = (client: Socket, upstream: Socket): void => {
  client.resetAndDestroy()
  upstream.resetAndDestroy()
}

/** A TCP proxy on loopback to the port that `target` names at each new connection, so that the server behind it may move. */
export async function startProxy(target: number | (() => number)): Promise<TcpProxy> {
  const links = new Set<Link>()
  let mode: Mode = 'open'
  let delayMs = 0

  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (mode === 'down') {
      client.resetAndDestroy()
      return
    }
    const port = typeof target === 'number' ? target : target()
    const upstream = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    const shut = mode === 'hanging'
    const link = {
      client,
      upstream,
      lanes: [lane(client, upstream, () => delayMs, shut), lane(upstream, client, () => delayMs, shut)],
    }
    links.add(link)
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      socket.setNoDelay(true)
      socket.on('error', () => resetBoth(client, upstream))
      socket.on('close', () => {
        links.delete(link)
        other.destroySoon()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  const setMode = (next: Mode) => {
    mode = next
    for (const { lanes } of links) for (const each of lanes) next === 'hanging' ? each.shut() : each.open()
  }
  const cut = () => {
    for (const { client, upstream } of [...links]) resetBoth(client, upstream)
  }
  const down = () => {
    mode = 'down'
    cut()
  }
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    down,
    hang: () => setMode('hanging'),
    mend: () => setMode('open'),
    delay: (ms) => {
      delayMs = ms
    },
    connections: () => links.size,
    stop: async () => {
      down()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
