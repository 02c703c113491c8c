export interface ConnectionTimings {
  /**
   * How long an open may take, in milliseconds, and the code for it. Some engines never answer the first one, and all hang behind a deletion that is
   * blocked.
   */
  readonly openMs: number
  /** How long it is left alone after it has failed again and again. */
  readonly restMs: number
}

export const CONNECTION_TIMINGS: ConnectionTimings = { openMs: 3000, restMs: 60_000 }
