import type { MeterReading } from '../../worker/lab/meter-reading.ts'

/**
 * What Cloudflare asks for Durable Objects with SQLite on the paid plan, in dollars, beyond what is included (1 million requests, 400,000
 * GB-s, 25 billion rows read and 50 million written a month), as of November 2026:
 * https://developers.cloudflare.com/durable-objects/platform/pricing/
 */
const PRICES = {
  request: 0.15 / 1e6,
  gigabyteSecond: 12.5 / 1e6,
  rowRead: 0.001 / 1e6,
  rowWritten: 1 / 1e6,
}
/** Twenty messages that come over a socket are one request; those that go out are free. */
const MESSAGES_IN_A_REQUEST = 20
/** Billed for every object as if it had all of its 128 MB, in gigabytes. */
const MEMORY = 0.128
const MONTH_MS = 30 * 86_400_000

export type Used = Omit<MeterReading, 'now'>

/** What was used between two readings. */
export function usedSince(from: MeterReading, to: MeterReading): Used {
  return {
    rowsRead: to.rowsRead - from.rowsRead,
    rowsWritten: to.rowsWritten - from.rowsWritten,
    messagesIn: to.messagesIn - from.messagesIn,
    requests: to.requests - from.requests,
    wakes: to.wakes - from.wakes,
    inMemoryMs: to.inMemoryMs - from.inMemoryMs,
  }
}

export const billedRequests = ({ requests, messagesIn }: Used): number =>
  requests + messagesIn / MESSAGES_IN_A_REQUEST

export const gigabyteSeconds = ({ inMemoryMs }: Used): number => (inMemoryMs / 1000) * MEMORY

export const dollars = (used: Used): number =>
  billedRequests(used) * PRICES.request +
  gigabyteSeconds(used) * PRICES.gigabyteSecond +
  used.rowsRead * PRICES.rowRead +
  used.rowsWritten * PRICES.rowWritten

/** If every minute was like this one, for thirty days. */
export const dollarsAMonth = (inAMinute: Used): number => (dollars(inAMinute) * MONTH_MS) / 60_000
