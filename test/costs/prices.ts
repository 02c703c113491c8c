/** What Cloudflare publishes for Durable Objects with SQLite on its paid plan, in US dollars. Read in November 2026. */
export const PRICES_AS_OF = 'November 2026'

/** One thing that is billed: so much a month is included, and a unit beyond it has a price. */
export interface Price {
  readonly name: string
  readonly included: number
  /** Dollars for so many. */
  readonly dollars: number
  readonly per: number
}

export const PRICES = {
  requests: { name: 'requests', included: 1e6, dollars: 0.15, per: 1e6 },
  duration: { name: 'GB-s of duration', included: 400_000, dollars: 12.5, per: 1e6 },
  rowsRead: { name: 'rows read', included: 25e9, dollars: 0.001, per: 1e6 },
  rowsWritten: { name: 'rows written', included: 50e6, dollars: 1, per: 1e6 },
  stored: { name: 'GB stored', included: 5, dollars: 0.2, per: 1 },
} as const satisfies Record<string, Price>

export type Billed = keyof typeof PRICES

/** What a month uses, by what is billed. */
export type Usage = Readonly<Record<Billed, number>>

/** Messages of a client that count as one request. What an object sends is free. */
export const MESSAGES_A_REQUEST = 20
/** An object is always billed as if it had 128 MB. */
export const GB_OF_AN_OBJECT = 0.128

export const BILLED = Object.keys(PRICES) as readonly Billed[]

/** Dollars for this amount, if nothing was included. */
export const fullPrice = (billed: Billed, amount: number): number =>
  (amount / PRICES[billed].per) * PRICES[billed].dollars

/** Dollars for what is beyond the included. */
export const priceBeyond = (billed: Billed, amount: number): number =>
  fullPrice(billed, Math.max(0, amount - PRICES[billed].included))
