import type { RoomVerbs } from '../../bench/worker/room-verbs.ts'
import { RowCounter } from '../../worker/row-counter.ts'
import type { Written } from '../written.ts'

/** What only the room can do, as its library does it. */
export interface PeerRoom {
  insert(args: RoomVerbs['insert']['args']): void
  touch(args: RoomVerbs['touch']['args']): void
  /** Whether all of this arrived, and nothing waits to be stored. */
  isStored(written: Written): boolean
}

/** Carries out the verbs of one room of a peer; they are those of the bench, and `stored`. */
export class PeerControl {
  readonly #sql: SqlStorage
  readonly #room: PeerRoom
  #counter: RowCounter | undefined
  #waiting: (() => void)[] = []

  constructor(sql: SqlStorage, room: PeerRoom) {
    this.#sql = sql
    this.#room = room
  }

  /** To be called after every save. */
  saved(): void {
    for (const ask of this.#waiting.splice(0)) ask()
  }

  /** Arguments and result are JSON text. */
  async carryOut(verb: string, text: string): Promise<string> {
    return JSON.stringify((await this.#answer(verb, JSON.parse(text) as never)) ?? null)
  }

  /** Asking again and again would cost more than some of what is measured. */
  async #stored(written: Written): Promise<void> {
    while (!this.#room.isStored(written)) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  #answer(verb: string, args: never): unknown {
    switch (verb) {
      case 'insert':
        return this.#room.insert(args)
      case 'touch':
        return this.#room.touch(args)
      case 'stored':
        return this.#stored(args)
      case 'compact':
        return
      case 'count':
        this.#counter ??= new RowCounter(this.#sql)
        return this.#counter.reset()
      case 'counts':
        return { ...this.#counter?.counts(), databaseSize: this.#sql.databaseSize }
      default:
        throw new Error(`there is no verb "${verb}"`)
    }
  }
}

const CONTROL = /^\/control\/\w+\/([\w-]+)\/(\w+)$/

/** Undefined for a request that is not one of the bench. */
export async function answerControl(
  request: Request,
  carryOut: (room: string, verb: string, text: string) => Promise<string>,
): Promise<Response | undefined> {
  const [, room, verb = ''] = CONTROL.exec(new URL(request.url).pathname) ?? []
  if (room === undefined) return undefined
  try {
    return new Response(await carryOut(room, verb, await request.text()))
  } catch (error) {
    return new Response(error instanceof Error ? error.message : String(error), { status: 500 })
  }
}
