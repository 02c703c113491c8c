/** All in milliseconds. */
export interface TabTimings {
  /** From one heartbeat of the leader to the next. Default 5,000. */
  readonly beatMs: number
  /** A visible follower that has heard no heartbeat for this long takes the leader for dead. Default 12,000. */
  readonly silenceMs: number
  /** It takes the lock by force this long after it has asked for it anew. Default 2,000. */
  readonly stealMs: number
  /** Spread over this in addition, so that not all followers do it at once. Default 500. */
  readonly stealSpreadMs: number
  /** A leader that has been hidden for this long hands over to a tab that is visible. Default 30,000. */
  readonly handOverMs: number
  /** Heartbeats worth this long without an answer, and the leader forgets a follower. Default 60,000. */
  readonly forgetMs: number
  /** A call to attach that is not answered is repeated at the first heartbeat after this long. Default 2,000. */
  readonly callMs: number
}

export const DEFAULT_TAB_TIMINGS: TabTimings = {
  beatMs: 5000,
  silenceMs: 12_000,
  stealMs: 2000,
  stealSpreadMs: 500,
  handOverMs: 30_000,
  forgetMs: 60_000,
  callMs: 2000,
}
