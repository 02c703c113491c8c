import type { SyncEvent } from '../observer/sync-event.ts'
import { type EventKind, kindOf } from './event-kind.ts'
import type { RecordedEvent } from './recorded-event.ts'

/** Frames share one bound, each of the other kinds has its own: a busy line does not push out what is rare. */
type Lane = 'frames' | Exclude<EventKind, 'in' | 'out'>

/** The last events of one client. */
export class EventRing {
  readonly #limit: number
  readonly #textLimit: number
  readonly #lanes = new Map<Lane, RecordedEvent[]>()
  #number = 0
  /** How much text is held. */
  #units = 0

  constructor(limit: number, textLimit: number) {
    this.#limit = limit
    this.#textLimit = textLimit
  }

  /** The oldest first. */
  get events(): readonly RecordedEvent[] {
    return [...this.#lanes.values()].flat().sort((a, b) => a.number - b.number)
  }

  add(event: SyncEvent): void {
    const lane = laneOf(event)
    const held = this.#lanes.get(lane) ?? []
    this.#lanes.set(lane, held)
    held.push({ number: ++this.#number, event })
    this.#units += unitsOf(event)
    if (held.length > this.#limit) {
      const gone = held.shift()
      if (gone) this.#units -= unitsOf(gone.event)
    }
    if (this.#units > this.#textLimit) this.#dropText(held)
  }

  clear(): void {
    this.#lanes.clear()
    this.#units = 0
  }

  /** A frame can have a megabyte: the oldest lose their text. */
  #dropText(frames: RecordedEvent[]): void {
    for (const [i, { number, event }] of frames.entries()) {
      if (this.#units <= this.#textLimit) return
      if (unitsOf(event) === 0 || event.type !== 'frame') continue
      this.#units -= unitsOf(event)
      frames[i] = { number, event: { ...event, text: null } }
    }
  }
}

function laneOf(event: SyncEvent): Lane {
  const kind = kindOf(event)
  return kind === 'in' || kind === 'out' ? 'frames' : kind
}

const unitsOf = (event: SyncEvent): number => (event.type === 'frame' ? (event.text?.length ?? 0) : 0)
