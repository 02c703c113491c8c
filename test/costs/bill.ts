import { BILLED, fullPrice, GB_OF_AN_OBJECT, MESSAGES_A_REQUEST, priceBeyond, type Usage } from './prices.ts'
import type { UnitCosts } from './unit-costs.ts'

/** What was not measured, but has to be said to reckon with duration: milliseconds in which an object is awake. */
export const AWAKE_MS = {
  /** For a turn that writes. Its commit on Cloudflare's network is not measured here. */
  turn: 10,
  /** For a client that connects. */
  connect: 10,
  /** For each socket that a change is sent to: the CPU of workerd in G2 of PERFORMANCE.md, where one write is sent to a hundred. */
  send: 0.13,
} as const

/** Messages of a client that connects: hello, and for each subscription a join or what it has seen. */
const messagesOfConnect = (subscriptions: number): number => 1 + subscriptions
/** Seconds between two pings of a client that hears nothing. */
const PING_EVERY = 25
/** The longest time between two, whatever it hears. */
const PING_AT_LEAST_EVERY = 45

/** A month of an application. */
export interface Month {
  readonly inserts: number
  readonly updates: number
  readonly connects: number
  readonly subscriptionsOfAClient: number
  readonly loadedRows: number
  readonly missedRows: number
  /** Summed over all clients, in hours. */
  readonly connectedHours: number
  /** `often`: something comes at least every 25 seconds. */
  readonly heard: 'seldom' | 'often'
  /** Sockets that a write is sent to. */
  readonly audience: number
  /** In GB. */
  readonly stored: number
}

export function usageOf(month: Month, costs: UnitCosts): Usage {
  const { inserts, updates, connects, subscriptionsOfAClient: subscriptions } = month
  const { loadedRows, missedRows, connectedHours, audience } = month
  const writes = inserts + updates
  const pings = (connectedHours * 3600) / (month.heard === 'often' ? PING_AT_LEAST_EVERY : PING_EVERY)
  const messages = writes + connects * messagesOfConnect(subscriptions) + pings
  const awake = writes * (AWAKE_MS.turn + audience * AWAKE_MS.send) + connects * AWAKE_MS.connect
  const subscribed = connects * subscriptions
  const rows = (of: 'read' | 'written') =>
    inserts * costs.insert[of] +
    updates * costs.update[of] +
    subscribed * costs.subscription[of] +
    loadedRows * costs.loadedRow[of] +
    missedRows * costs.missedRow[of]
  return {
    // Each connection is a request of its own.
    requests: connects + messages / MESSAGES_A_REQUEST,
    duration: (awake / 1000) * GB_OF_AN_OBJECT,
    rowsRead: rows('read'),
    rowsWritten: rows('written'),
    stored: month.stored,
  }
}

const sum = (usage: Usage, price: typeof fullPrice): number =>
  BILLED.reduce((total, billed) => total + price(billed, usage[billed]), 0)

/** Dollars a month beyond what the plan includes. */
export const bill = (usage: Usage): number => sum(usage, priceBeyond)

/** Dollars a month if the plan included nothing, or others had used it up. */
export const fullBill = (usage: Usage): number => sum(usage, fullPrice)

const NOTHING: Month = {
  inserts: 0,
  updates: 0,
  connects: 0,
  subscriptionsOfAClient: 0,
  loadedRows: 0,
  missedRows: 0,
  connectedHours: 0,
  heard: 'seldom',
  audience: 0,
  stored: 0,
}

const MILLION = 1e6
const HOURS_A_MONTH = 730

/** What is asked first: a million of each, and a thousand clients who only listen. */
export function basics(costs: UnitCosts): readonly (readonly [what: string, usage: Usage])[] {
  const million = (month: Partial<Month>) => usageOf({ ...NOTHING, ...month }, costs)
  const single = million({ inserts: MILLION })
  return [
    ['a million inserts, each alone in its turn', single],
    [
      'a million updates, each alone in its turn, with the compaction they cause',
      million({ updates: MILLION }),
    ],
    [
      'a million inserts in arrays of 50',
      {
        ...single,
        requests: single.requests / 50,
        duration: single.duration / 50,
        rowsRead: MILLION * costs.insertOfMany.read,
        rowsWritten: MILLION * costs.insertOfMany.written,
      },
    ],
    [
      'a million connections with one subscription',
      million({ connects: MILLION, subscriptionsOfAClient: 1 }),
    ],
    ['a million rows of first loads', million({ loadedRows: MILLION })],
    [
      'a thousand clients, connected all month, who hear nothing',
      million({ connectedHours: 1000 * HOURS_A_MONTH }),
    ],
    [
      `a million new rooms with ${costs.newRoom.tables} tables, each connected to once and stored for a month`,
      {
        ...million({ connects: MILLION, stored: (MILLION * costs.newRoom.bytes) / 1e9 }),
        rowsRead: MILLION * costs.newRoom.read,
        rowsWritten: MILLION * costs.newRoom.written,
      },
    ],
  ]
}
