import type { PageVisibility, TabMessage, Term } from './tab-message.ts'
import type { TabTimings } from './tab-timings.ts'

export interface LeaderLinkOptions<Up, Down> {
  readonly term: Term
  readonly post: (message: TabMessage<Up, Down>) => void
  readonly timings: TabTimings
  readonly listener: LeaderLinkListener<Up>
}

export interface LeaderLinkListener<Up> {
  /** A follower attached. What is sent to it from now on arrives in order, or it is told to have left. */
  readonly joined: (tab: string) => void
  readonly left: (tab: string) => void
  readonly received: (tab: string, payload: Up) => void
  /** A follower is visible. */
  readonly heirShown: () => void
}

interface Follower {
  readonly tab: string
  sent: number
  received: number
  /** Heartbeats since it was last heard. */
  unanswered: number
  page: PageVisibility
}

/** The leader's end of the links to its followers, for one term. */
export class LeaderLink<Up, Down> {
  readonly term: Term
  readonly #options: LeaderLinkOptions<Up, Down>
  /** By link. */
  readonly #followers = new Map<string, Follower>()

  /** Says at once that there is a leader, upon which the followers attach. */
  constructor(options: LeaderLinkOptions<Up, Down>) {
    this.#options = options
    this.term = options.term
    this.beat()
  }

  get followers(): readonly string[] {
    return [...this.#followers.values()].map(({ tab }) => tab)
  }

  /** A follower that is visible. */
  get heir(): string | undefined {
    for (const { tab, page } of this.#followers.values()) if (page === 'visible') return tab
    return undefined
  }

  /** One message to some followers, or to all. Those that are not there are passed over. */
  send(payload: Down, tabs?: readonly string[]): void {
    const to = [...this.#followers].filter(([, { tab }]) => !tabs || tabs.includes(tab))
    if (to.length === 0) return
    const numbers = Object.fromEntries(to.map(([link, { sent }]) => [link, sent + 1]))
    this.#options.post({ type: 'down', to: numbers, payload })
    for (const [, follower] of to) follower.sent++
  }

  /** To be called by a timer and by nothing else: a frozen page still answers messages, and must not pass for a leader. */
  beat(): void {
    const { post, timings } = this.#options
    for (const [link, follower] of this.#followers) {
      // Counted in heartbeats: while the leader sleeps, nobody owes it an answer.
      if (follower.unanswered * timings.beatMs >= timings.forgetMs) this.#drop(link)
      else follower.unanswered++
    }
    const sent = Object.fromEntries([...this.#followers].map(([link, follower]) => [link, follower.sent]))
    post({ type: 'beat', term: this.term, sent })
  }

  invite(tab: string): void {
    for (const [link, follower] of this.#followers)
      if (follower.tab === tab) this.#options.post({ type: 'lead', link })
  }

  hear(message: TabMessage<Up, Down>): void {
    switch (message.type) {
      case 'attach':
        this.#attach(message.tab, message.link, message.page)
        break
      case 'up':
        this.#receive(message)
        break
      case 'alive':
        this.#alive(message)
        break
      case 'bye':
        this.#forget(message.link)
        break
      case 'beat':
      case 'resigned':
      case 'down':
      case 'attached':
      case 'detached':
      case 'lead':
        break
      default:
        // A newer build may say more.
        message satisfies never
    }
  }

  /** The term is over. The followers look for another leader. */
  close(): void {
    this.#followers.clear()
    this.#options.post({ type: 'resigned', term: this.term.id })
  }

  #attach(tab: string, link: string, page: PageVisibility): void {
    const { post, listener } = this.#options
    for (const [old, follower] of this.#followers) if (follower.tab === tab) this.#forget(old)
    this.#followers.set(link, { tab, sent: 0, received: 0, unanswered: 0, page })
    post({ type: 'attached', term: this.term, link })
    listener.joined(tab)
    if (page === 'visible') listener.heirShown()
  }

  /** The follower of a message of this term, heard; undefined when its link is none, which it is told. */
  #known(term: string, link: string): Follower | undefined {
    if (term !== this.term.id) return undefined
    const follower = this.#followers.get(link)
    if (follower) follower.unanswered = 0
    else this.#options.post({ type: 'detached', link })
    return follower
  }

  #receive({ term, link, n, payload }: Extract<TabMessage<Up, Down>, { readonly type: 'up' }>): void {
    const follower = this.#known(term, link)
    if (!follower) return
    if (n === follower.received + 1) {
      follower.received = n
      this.#options.listener.received(follower.tab, payload)
    } else this.#drop(link)
  }

  #alive({ term, link, sent, page }: Extract<TabMessage<Up, Down>, { readonly type: 'alive' }>): void {
    const follower = this.#known(term, link)
    if (!follower) return
    follower.page = page
    if (sent !== follower.received) this.#drop(link)
    else if (page === 'visible') this.#options.listener.heirShown()
  }

  /** It may be there: it is told, and attaches anew. */
  #drop(link: string): void {
    this.#options.post({ type: 'detached', link })
    this.#forget(link)
  }

  #forget(link: string): void {
    const follower = this.#followers.get(link)
    if (this.#followers.delete(link) && follower) this.#options.listener.left(follower.tab)
  }
}
