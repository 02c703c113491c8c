/**
 * What the tabs of a room say to each other. Everything is heard by all tabs: the platform's channel knows no addressees.
 *
 * A link is one attachment of one follower to one term. Each side numbers what it sends on it 1, 2, 3 …, and says now and then how far
 * it has come (`beat`, `alive`), so that a hole is noticed even when nothing follows it. The platform keeps the order of one sender's
 * messages; what is lost is lost because a page slept, or was away.
 */
export type TabMessage<Up, Down> =
  // the leader, to all
  | {
      readonly type: 'beat'
      readonly term: Term
      /** By link: the number of the last message on it. */
      readonly sent: Readonly<Record<string, number>>
    }
  | { readonly type: 'resigned'; readonly term: string }
  | {
      readonly type: 'down'
      /** By link: the number that this message has there. One message for all, because a copy for each would be heard by all, too. */
      readonly to: Readonly<Record<string, number>>
      readonly payload: Down
    }
  // the leader, to one follower
  | { readonly type: 'attached'; readonly term: Term; readonly link: string }
  /** It knows no such link, or has given it up. */
  | { readonly type: 'detached'; readonly link: string }
  /** Take the lead. */
  | { readonly type: 'lead'; readonly link: string }
  // a follower, to whoever leads
  | { readonly type: 'attach'; readonly tab: string; readonly link: string; readonly page: PageVisibility }
  // a follower, to its leader
  | {
      readonly type: 'up'
      readonly term: string
      readonly link: string
      readonly n: number
      readonly payload: Up
    }
  | {
      readonly type: 'alive'
      readonly term: string
      readonly link: string
      readonly sent: number
      readonly page: PageVisibility
    }
  | { readonly type: 'bye'; readonly link: string }

export type PageVisibility = 'visible' | 'hidden'

/** The time from a tab's taking the lead to its losing it. */
export interface Term {
  readonly id: string
  /** When it began, in milliseconds since 1970. */
  readonly since: number
}

/** Of two that both say they lead, all tabs believe the same one. All clocks of a browser are one, but it may jump: only a preference. */
export const outranks = (a: Term, b: Term): boolean => (a.since === b.since ? a.id > b.id : a.since > b.since)

/** Tabs of builds that speak differently do not hear each other, and each kind has a leader of its own. */
const FORMAT = 1

export const channelName = (name: string): string => `durable-sync/tabs/${FORMAT}/${name}`

/** As the channel: a tab that cannot hear the leader would take the lock from it again and again. */
export const leadLockName = (name: string): string => `durable-sync/lead/${FORMAT}/${name}`
