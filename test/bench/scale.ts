/** How much each workload does. */
export interface Scale {
  readonly sequentialWrites: number
  readonly burstWrites: number
  /**
   * Of a burst of single inserts. It is the number with which the product is through first; with fewer it waits more often for a commit, with more
   * TanStack DB needs longer for each.
   */
  readonly insertsInFlight: number
  readonly audience: number
  readonly audienceWrites: number
  readonly snapshotRows: number
  readonly missedChanges: number
  /** Inserts that share their turn with none. */
  readonly storedAlone: number
  readonly storedInserts: number
  readonly storedUpdates: number
  /** Clients that a restart of their object cuts off. */
  readonly cutOff: number
  /** Distinct filters, and rows written under them. */
  readonly filters: number
  readonly filteredWrites: number
  /** On a device. */
  readonly keptRows: number
  readonly keptChanges: number
  readonly keptWrites: number
  /** For the memory of an object: rows of its table, and sockets that ask for all of them at once. */
  readonly heldRows: number
  readonly heldSockets: number
  /** Written while everybody was away: less than a pass may bring. */
  readonly missedRows: number
}

export const FULL: Scale = {
  sequentialWrites: 500,
  burstWrites: 5000,
  insertsInFlight: 150,
  audience: 50,
  audienceWrites: 200,
  snapshotRows: 10_000,
  missedChanges: 100,
  storedAlone: 100,
  storedInserts: 1000,
  storedUpdates: 10_000,
  cutOff: 500,
  filters: 100,
  filteredWrites: 1000,
  keptRows: 10_000,
  keptChanges: 100,
  keptWrites: 1000,
  heldRows: 100_000,
  heldSockets: 100,
  missedRows: 2000,
}

/** For a look: a tenth of everything, but for what is on its way at one time. */
export const QUICK: Scale = {
  sequentialWrites: 50,
  burstWrites: 500,
  insertsInFlight: 150,
  audience: 5,
  audienceWrites: 20,
  snapshotRows: 1000,
  missedChanges: 10,
  storedAlone: 10,
  storedInserts: 100,
  storedUpdates: 1000,
  cutOff: 50,
  filters: 10,
  filteredWrites: 100,
  keptRows: 1000,
  keptChanges: 10,
  keptWrites: 100,
  heldRows: 10_000,
  heldSockets: 10,
  missedRows: 200,
}
