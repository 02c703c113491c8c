import { CloseCode } from '@durable-sync/core/wire'
import type { Fate, FrameLink, Passed } from '../support/frame-link.ts'
import { type FrameProxy, startFrameProxy } from '../support/frame-proxy.ts'
import { carriesReceipts } from '../support/frame-rules.ts'
import type { FaultKind } from './fault-kind.ts'

/** A fault that waits for its frame. */
type Trap =
  | { readonly kind: 'cut'; left: number; readonly arrives: boolean }
  | { readonly kind: 'swallow' | 'lose' }

type Way = 'open' | 'delayed up' | 'delayed down' | 'away'

/** The connection of one client, with everything that happens to it on its way. */
export class Line {
  readonly #proxy: FrameProxy
  readonly #sprung: (kind: FaultKind) => void
  #way: Way = 'open'
  #traps: Trap[] = []
  /** A connection that lost a frame: only its next frame would show. */
  #gap: FrameLink | undefined

  private constructor(proxy: FrameProxy, sprung: (kind: FaultKind) => void) {
    this.#proxy = proxy
    this.#sprung = sprung
    proxy.rule = (message, link) => this.#fate(message, link)
  }

  /** `sprung` is called when a fault that waited for its frame has come about. */
  static async open(target: () => number, sprung: (kind: FaultKind) => void): Promise<Line> {
    return new Line(await startFrameProxy(target), sprung)
  }

  get port(): number {
    return this.#proxy.port
  }

  /** Neither delayed nor away. */
  get isOpen(): boolean {
    return this.#way === 'open'
  }

  /** Why the server let the client start over, in order of the welcomes; undefined where it did not. */
  get resets(): ('pruned' | 'lineage' | undefined)[] {
    return this.#proxy.links.flatMap((link) => link.serverFrames('welcome').map(({ reset }) => reset))
  }

  /** True when the server gave up a socket because its position was of no history, or of one that is pruned. */
  get wasRestarted(): boolean {
    return this.#proxy.links.some((link) =>
      link.serverFrames('goodbye').some(({ code }) => code === CloseCode.restart),
    )
  }

  /** For a report: what was said last, and before that whatever contains `about`. */
  lastWords(count: number, about: string | null): string[] {
    const said = this.#proxy.links
      .flatMap((link) => link.conversation.map((message) => ({ ...message, link: link.index })))
      .sort((one, two) => one.at - two.at)
    return said
      .filter(({ text }, i) => i >= said.length - count || (about !== null && text.includes(about)))
      .map(({ link, from, text }) => `${link} ${from === 'client' ? '>' : '<'} ${text.slice(0, 600)}`)
  }

  drop(): void {
    this.#proxy.cut()
  }

  cutAfter(frames: number, arrives: boolean): void {
    this.#traps.push({ kind: 'cut', left: frames, arrives })
  }

  trap(kind: 'swallow' | 'lose'): void {
    this.#traps.push({ kind })
  }

  delay(way: 'up' | 'down'): void {
    this.#way = way === 'up' ? 'delayed up' : 'delayed down'
  }

  away(): void {
    this.#way = 'away'
    this.#proxy.cut()
  }

  /** Ends a delay or an absence. */
  open(): void {
    this.#way = 'open'
    for (const link of this.#proxy.links) if (link.held.length > 0) link.release()
  }

  /** Takes every trap away, and ends a connection that would never notice that it lost something. */
  mend(): void {
    this.#traps = []
    this.open()
    this.#gap?.cut()
  }

  stop(): Promise<void> {
    return this.#proxy.stop()
  }

  #fate(message: Passed, link: FrameLink): Fate {
    if (this.#way === 'away') return 'cut'
    const down = message.from === 'server' && message.frame !== undefined
    if (down) {
      for (const trap of this.#traps) {
        const fate = this.#spring(trap, message, link)
        if (fate) {
          this.#traps = this.#traps.filter((each) => each !== trap)
          this.#sprung(trap.kind)
          return fate
        }
      }
      // A frame after the lost one: the client has noticed.
      if (this.#gap === link && message.frame?.type === 'changes') this.#gap = undefined
    }
    const held = this.#way === (message.from === 'server' ? 'delayed down' : 'delayed up')
    return held ? 'hold' : 'pass'
  }

  #spring(trap: Trap, message: Passed, link: FrameLink): Fate | undefined {
    switch (trap.kind) {
      case 'cut':
        trap.left--
        return trap.left > 0 ? undefined : trap.arrives && this.#way !== 'delayed down' ? 'last' : 'cut'
      case 'swallow':
        return carriesReceipts(message) ? 'cut' : undefined
      case 'lose': {
        const { frame } = message
        if (message.from !== 'server' || frame?.type !== 'changes') return undefined
        // The connections of this world lose nothing in their middle; what is lost here must be one that its successor gives away.
        if (frame.live || frame.more || frame.from === frame.to) return undefined
        this.#gap = link
        return 'drop'
      }
      default:
        return trap satisfies never
    }
  }
}
