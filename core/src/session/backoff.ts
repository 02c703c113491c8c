import type { SessionTimings } from './session-timings.ts'

export interface BackoffInput {
  /** Failures since the session was last stable; 1 for the first retry. */
  readonly failures: number
  /** Over how long the server wants first retries spread. */
  readonly windowMs: number
  /** `woke`: the page was asleep, so the loss is its own and not that of everybody on the object. */
  readonly occasion: 'woke' | 'loss'
  /** The server asked to stay away for this long. */
  readonly floorMs: number
  /** From 0 to 1. */
  readonly random: number
}

/**
 * How long to wait before the next attempt, in milliseconds. Full jitter, and already on the first retry: a deploy disconnects every
 * client of an object at the same instant.
 */
export function backoffMs(
  { failures, windowMs, occasion, floorMs, random }: BackoffInput,
  { backoffBaseMs, backoffCapMs, wokeWindowMs }: SessionTimings,
): number {
  const grown = Math.min(backoffCapMs, backoffBaseMs * 2 ** failures)
  const spread = failures > 1 ? Math.max(grown, windowMs) : occasion === 'woke' ? wokeWindowMs : windowMs
  return floorMs + random * spread
}
