import type {
  ChangesFrame,
  ChunkFrame,
  HelloFrame,
  JoinedFrame,
  JoinFrame,
  Position,
  PushItem,
  Receipt,
  WelcomeFrame,
} from '@durable-sync/core/wire'
import { PROTOCOL_VERSION } from '@durable-sync/core/wire'
import { brief, openRaw, type RawOptions, RawSocket } from './raw-socket.ts'

/** A whole pass: all frames up to and with the one without `more`. */
export interface Pass {
  readonly frames: readonly ChangesFrame[]
  readonly from: Position | null
  readonly to: Position
  readonly live: boolean
  readonly settled: readonly Receipt[]
}

/** A whole join: everything between the first request and its end. */
export interface Joined {
  readonly chunks: readonly ChunkFrame[]
  /** Passes that were sent in the same turn before the end. */
  readonly passes: readonly Pass[]
  /** Requests that it took. */
  readonly requests: number
  readonly end: JoinedFrame
}

/** The protocol by hand: what a client says, and whole answers. Nothing happens here that a test did not ask for. */
export class RawClient extends RawSocket {
  #joins = 0
  /** The end of the last pass taken, or null before the first. */
  at: Position | null = null

  /**
   * Opens a socket to `url`.
   * @throws UpgradeRefused when the server answers with a status.
   */
  static open(url: string, options: RawOptions = {}): Promise<RawClient> {
    return openRaw(url, options, (socket, patienceMs) => new RawClient(socket, patienceMs))
  }

  /** Says hello. Fields that are not given stand for a client that has nothing. */
  hello(fields: Partial<Omit<HelloFrame, 'type'>> = {}): void {
    this.send({
      type: 'hello',
      v: PROTOCOL_VERSION,
      client: 'client-1',
      cids: [],
      at: null,
      subs: [],
      ...fields,
    })
  }

  /** Says hello and takes everything up to and with the frame that is live. */
  async enter(
    fields: Partial<Omit<HelloFrame, 'type'>> = {},
  ): Promise<{ welcome: WelcomeFrame; pass: Pass }> {
    this.hello(fields)
    const welcome = await this.next('welcome')
    const pass = await this.pass()
    if (!pass.live) throw new Error('the pass after welcome did not end in live')
    return { welcome, pass }
  }

  /** The next frames, which must be one pass. */
  async pass(): Promise<Pass> {
    return this.#passFrom(await this.next('changes'))
  }

  async #passFrom(first: ChangesFrame): Promise<Pass> {
    const frames = [first]
    let last = first
    while (last.more) {
      last = await this.next('changes')
      frames.push(last)
    }
    this.at = last.to
    const settled = frames.flatMap((frame) => frame.settled ?? [])
    return { frames, from: first.from, to: last.to, live: last.live === true, settled }
  }

  /** Asks for `join.sub`, and asks again until the join has ended. */
  async join(join: Omit<JoinFrame, 'type' | 'join'>): Promise<Joined> {
    const number = ++this.#joins
    const chunks: ChunkFrame[] = []
    const passes: Pass[] = []
    let requests = 1
    this.send({ ...join, type: 'join', join: number })
    for (;;) {
      const frame = await this.take('joined')
      if (frame.type === 'chunk' && frame.join === number) chunks.push(frame)
      else if (frame.type === 'changes') passes.push(await this.#passFrom(frame))
      else if (frame.type === 'joined' && frame.join === number)
        return { chunks, passes, requests, end: frame }
      else if (frame.type === 'next' && frame.join === number) {
        requests++
        const { p0, read, shape, after } = frame
        this.send({ ...join, type: 'join', join: number, p0, read, shape, after })
      } else throw new Error(`the join was answered with ${brief(frame)}`)
    }
  }

  push(...items: PushItem[]): void {
    this.send({ type: 'push', items })
  }

  /** Pushes and takes passes until every item is settled, in whatever number of frames. */
  async settle(...items: PushItem[]): Promise<{ passes: Pass[]; outcomes: Receipt[] }> {
    this.push(...items)
    const open = new Set(items.map((item) => `${item.cid} ${item.n}`))
    const passes: Pass[] = []
    const outcomes: Receipt[] = []
    while (open.size > 0) {
      const pass = await this.pass()
      passes.push(pass)
      for (const receipt of pass.settled)
        if (open.delete(`${receipt.cid} ${receipt.n}`)) outcomes.push(receipt)
    }
    return { passes, outcomes }
  }
}
