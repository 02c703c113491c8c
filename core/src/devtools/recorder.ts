import type { AnySyncClient } from '../client/nearest-client.ts'
import { insideOf } from '../client/sync-client.ts'
import type { ObservedClient, SyncEvent, SyncObserver } from '../observer/sync-event.ts'
import { EventRing } from './event-ring.ts'
import type { RecordedEvent } from './recorded-event.ts'

export interface RecorderOptions {
  /** How many frames are held for each client, and how many events of the other kinds, each. Default 200. */
  readonly limit?: number
  /** How much text of frames is held for each client, in UTF-16 units; the oldest goes first. Default 2,000,000. */
  readonly textLimit?: number
}

/** What has happened since the client was made. */
export interface Totals {
  /** Of frames, in UTF-16 units: bytes, as long as they are ASCII. */
  readonly unitsIn: number
  readonly unitsOut: number
  readonly framesIn: number
  readonly framesOut: number
  /** Where its rows are; null where that is not known. */
  readonly position: string | null
}

/** The last events of clients, and what they add up to. */
export interface Recorder {
  /** For `createSync({ observer })`. Bound. */
  readonly observer: SyncObserver
  /** What is held, the oldest first. */
  readonly events: (client: AnySyncClient) => readonly RecordedEvent[]
  readonly totals: (client: AnySyncClient) => Totals
  /** Forgets the events of a client. What they add up to stays. */
  readonly clear: (client: AnySyncClient) => void
  /** Calls `onEvent` at every event, in the middle of things: look later. The returned function may be called twice. */
  readonly subscribe: (onEvent: () => void) => () => void
}

interface Record {
  readonly ring: EventRing
  totals: Totals
}

const NOTHING: Totals = { unitsIn: 0, unitsOut: 0, framesIn: 0, framesOut: 0, position: null }

/** Made before the client, so that what happens before anybody looks is there, too. It holds no client. */
export function createRecorder({ limit = 200, textLimit = 2_000_000 }: RecorderOptions = {}): Recorder {
  const records = new WeakMap<ObservedClient, Record>()
  const listeners = new Set<{ readonly call: () => void }>()
  const recordOf = (client: AnySyncClient) => {
    const { observed } = insideOf(client)
    return observed && records.get(observed)
  }
  return {
    observer: (event) => {
      const known = records.get(event.client)
      const record = known ?? { ring: new EventRing(limit, textLimit), totals: NOTHING }
      if (!known) records.set(event.client, record)
      record.totals = added(record.totals, event)
      record.ring.add(event)
      for (const { call } of [...listeners]) call()
    },
    events: (client) => recordOf(client)?.ring.events ?? [],
    totals: (client) => recordOf(client)?.totals ?? NOTHING,
    clear: (client) => {
      recordOf(client)?.ring.clear()
      for (const { call } of [...listeners]) call()
    },
    subscribe: (onEvent) => {
      const listener = { call: onEvent }
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

function added(totals: Totals, event: SyncEvent): Totals {
  if (event.type === 'position') return { ...totals, position: event.position }
  if (event.type !== 'frame') return totals
  const { unitsIn, unitsOut, framesIn, framesOut } = totals
  return event.way === 'in'
    ? { ...totals, unitsIn: unitsIn + event.length, framesIn: framesIn + 1 }
    : { ...totals, unitsOut: unitsOut + event.length, framesOut: framesOut + 1 }
}
