import type { RowCells } from './worker/room-verbs.ts'

/** What is used of a WebSocket class: the browser's, or that of the package `ws`. */
interface BareSocket {
  onopen: unknown
  onmessage: unknown
  send(text: string): void
  close(): void
}

export interface BareOptions {
  readonly url: string
  readonly WebSocket: new (url: string) => BareSocket
  /** Rows that changed; the first call brings all of them. */
  readonly apply: (rows: readonly RowCells[]) => void
}

interface Write {
  readonly rows: RowCells[]
  readonly resolvers: (() => void)[]
}

/** The floor of a client: the protocol of `worker/bare-room.ts`, and nothing that a network or a second attempt would need. */
export class BareClient {
  readonly #options: BareOptions
  readonly #sent = new Map<string, Write>()
  #socket: BareSocket | undefined
  #seq = ''
  /** What is sent before the socket is open. */
  #waiting: string[] = []
  #state: 'dialling' | 'open' = 'dialling'
  #n = 0
  #unsent: { readonly verb: 'insert' | 'update'; readonly write: Write } | undefined

  constructor(options: BareOptions) {
    this.#options = options
  }

  /** Connects, and loads all rows, or those that changed since the last connection. */
  dial(): void {
    const socket = new this.#options.WebSocket(this.#options.url)
    this.#socket = socket
    this.#state = 'dialling'
    socket.onopen = () => {
      this.#state = 'open'
      socket.send(this.#seq === '' ? 'load' : `since ${this.#seq}`)
      for (const text of this.#waiting.splice(0)) socket.send(text)
    }
    socket.onmessage = ({ data }: { readonly data: string }) => this.#hear(data)
  }

  close(): void {
    this.#socket?.close()
  }

  /** Resolves when the rows are stored. What one tick writes goes in one message. */
  write(verb: 'insert' | 'update', rows: readonly RowCells[]): Promise<void> {
    if (this.#unsent && this.#unsent.verb !== verb) this.#flush()
    if (!this.#unsent) {
      this.#unsent = { verb, write: { rows: [], resolvers: [] } }
      queueMicrotask(() => this.#flush())
    }
    const { write } = this.#unsent
    for (const row of rows) write.rows.push(row)
    return new Promise((resolve) => write.resolvers.push(resolve))
  }

  #flush(): void {
    if (!this.#unsent) return
    const { verb, write } = this.#unsent
    this.#unsent = undefined
    const n = String(++this.#n)
    this.#sent.set(n, write)
    const text = `${verb} ${n} ${JSON.stringify(write.rows)}`
    if (this.#state === 'open') this.#socket?.send(text)
    else this.#waiting.push(text)
  }

  #hear(text: string): void {
    if (text.startsWith('done ')) {
      const n = text.slice(5)
      const write = this.#sent.get(n)
      this.#sent.delete(n)
      if (!write) return
      // The writer's own rows are not sent back to it.
      this.#options.apply(write.rows)
      for (const resolve of write.resolvers) resolve()
    } else if (text.startsWith('rows ')) {
      const rowsAt = text.indexOf(' ', 5)
      this.#seq = text.slice(5, rowsAt)
      this.#options.apply(JSON.parse(text.slice(rowsAt + 1)) as RowCells[])
    }
  }
}
