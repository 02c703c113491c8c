import type { Duplex } from 'node:stream'
import {
  type ClientFrame,
  decodeClientFrame,
  decodeServerFrame,
  type ServerFrame,
} from '@durable-sync/core/wire'
import type { WebSocket } from 'ws'

/** A message that passed by. `frame` is undefined for what is none: pings, pongs, and text that does not decode. */
export type Passed =
  | {
      readonly from: 'client'
      readonly text: string
      readonly frame: ClientFrame | undefined
      readonly at: number
    }
  | {
      readonly from: 'server'
      readonly text: string
      readonly frame: ServerFrame | undefined
      readonly at: number
    }

/**
 * What becomes of a message:
 *
 *   pass   sent on
 *   drop   lost
 *   hold   kept until `release`; what comes later passes it, unless it is held too
 *   cut    lost, and the connection ends without a close frame
 *   last   sent on, and then the same
 */
export type Fate = 'pass' | 'drop' | 'hold' | 'cut' | 'last'

export type Rule = (message: Passed, link: FrameLink) => Fate

const tryDecode = <T>(decode: (text: string) => T, text: string): T | undefined => {
  try {
    return decode(text)
  } catch {
    return undefined
  }
}

/** One proxied connection. */
export class FrameLink {
  /** Everything that was said, in order of arrival, whatever became of it. */
  readonly conversation: Passed[] = []
  /** Position among the connections of its proxy, from 0. */
  readonly index: number
  readonly #client: WebSocket
  readonly #server: WebSocket
  readonly #clientStream: Duplex
  readonly #rule: () => Rule
  #state: 'open' | 'cut' = 'open'
  #held: Passed[] = []

  /** `clientStream` is what `client` runs over. */
  constructor(index: number, client: WebSocket, clientStream: Duplex, server: WebSocket, rule: () => Rule) {
    this.index = index
    this.#client = client
    this.#clientStream = clientStream
    this.#server = server
    this.#rule = rule
    client.on('message', (data) => {
      const text = data.toString()
      this.#arrived({
        from: 'client',
        text,
        frame: tryDecode(decodeClientFrame, text),
        at: performance.now(),
      })
    })
    server.on('message', (data) => {
      const text = data.toString()
      this.#arrived({
        from: 'server',
        text,
        frame: tryDecode(decodeServerFrame, text),
        at: performance.now(),
      })
    })
    joinEnds(client, server)
    joinEnds(server, client)
  }

  #arrived(message: Passed): void {
    if (this.#state === 'cut') return
    this.conversation.push(message)
    const fate = this.#rule()(message, this)
    if (fate === 'hold') this.#held.push(message)
    if (fate === 'pass' || fate === 'last') this.#send(message)
    if (fate === 'cut' || fate === 'last') this.cut()
  }

  #send(message: Passed): void {
    const to = message.from === 'client' ? this.#server : this.#client
    if (this.#state === 'open' && to.readyState === to.OPEN) to.send(message.text)
  }

  /** What is held, in order of arrival. */
  get held(): readonly Passed[] {
    return this.#held
  }

  /** Sends on what is held, in the order that `arrange` returns; what it leaves out is lost. */
  release(arrange: (held: Passed[]) => Passed[] = (held) => held): void {
    const held = this.#held
    this.#held = []
    for (const message of arrange(held)) this.#send(message)
  }

  /** Sends on the oldest held message of one side and keeps the others. False when there is none. */
  releaseNext(from: Passed['from']): boolean {
    const next = this.#held.find((message) => message.from === from)
    if (!next) return false
    this.#held = this.#held.filter((message) => message !== next)
    this.#send(next)
    return true
  }

  /** Ends the connection without a close frame: both sides see 1006. What was sent on before still arrives. */
  cut(): void {
    this.#state = 'cut'
    // A reset could overtake what the client has not read yet; the end of the stream cannot.
    this.#clientStream.end()
    this.#server.terminate()
  }

  /** Closes towards the client with a code of the proxy's own choice, and drops the server. */
  close(code: number, reason = ''): void {
    this.#state = 'cut'
    this.#client.close(code, reason)
    this.#server.terminate()
  }

  /** Frames of one type that came from the server, in order. */
  serverFrames<T extends ServerFrame['type']>(type: T): Extract<ServerFrame, { readonly type: T }>[] {
    return this.conversation.flatMap(({ from, frame }) =>
      from === 'server' && frame?.type === type ? [frame as Extract<ServerFrame, { readonly type: T }>] : [],
    )
  }

  /** Frames of one type that came from the client, in order. */
  clientFrames<T extends ClientFrame['type']>(type: T): Extract<ClientFrame, { readonly type: T }>[] {
    return this.conversation.flatMap(({ from, frame }) =>
      from === 'client' && frame?.type === type ? [frame as Extract<ClientFrame, { readonly type: T }>] : [],
    )
  }
}

/** Hands an end of `from` on to `to`. Codes that must not be sent stand for a connection that just went away. */
function joinEnds(from: WebSocket, to: WebSocket): void {
  from.on('error', () => to.terminate())
  from.on('close', (code, reason) => {
    if (code === 1006) to.terminate()
    else if (code === 1005) to.close()
    else to.close(code, reason)
  })
}
