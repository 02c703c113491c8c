import type { ClientIds } from './client-ids.ts'
import type { EngineHost } from './engine-host.ts'
import { closeExpired } from './expired-sockets.ts'
import type { Running } from './running.ts'
import type { SocketSet } from './socket-set.ts'
import type { SyncEventSink } from './sync-event.ts'

export interface TurnHost {
  readonly ctx: EngineHost['ctx']
  readonly sockets: SocketSet
  readonly now: () => number
  readonly event: SyncEventSink
  /** Undefined when what the turn did was to uninstall. */
  clientIds(): ClientIds | undefined
}

/** What comes before and after the work of one turn: all of it is one transaction of the runtime, and nobody hears of less. */
export class Turn {
  readonly #host: TurnHost
  #isOn = false
  #announced: (() => Promise<unknown> | undefined)[] = []

  constructor(host: TurnHost) {
    this.#host = host
  }

  /** What is written meanwhile is announced at its end. */
  get isOn(): boolean {
    return this.#isOn
  }

  /** Runs `task` when what this turn wrote has been announced. */
  afterAnnouncement(task: () => Promise<unknown> | undefined): void {
    this.#announced.push(task)
  }

  take(run: () => void, { announcer, housekeeping }: Running): void {
    const { ctx, sockets, now, event, clientIds } = this.#host
    this.#isOn = true
    try {
      closeExpired(sockets, now)
      run()
      clientIds()?.writeBack()
      // What a listener of the author's writes from here on comes too late for this turn, and is told in the next.
      this.#isOn = false
      housekeeping.afterTurn(announcer.flush(sockets))
    } catch (error) {
      // Memory and storage may disagree now. A new instance starts from what is stored, and the clients resume.
      event({ type: 'error', where: 'turn', error })
      ctx.abort('durable-sync: a turn failed')
    } finally {
      this.#isOn = false
    }
    const announced = this.#announced
    this.#announced = []
    for (const task of announced) ctx.waitUntil(Promise.resolve().then(task))
  }
}
