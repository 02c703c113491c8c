import type { Environment } from '../client/environment.ts'
import { outranks, type PageVisibility, type TabMessage, type Term } from './tab-message.ts'
import type { TabTimings } from './tab-timings.ts'

export interface FollowerLinkOptions<Up, Down> {
  readonly tab: string
  readonly post: (message: TabMessage<Up, Down>) => void
  readonly page: () => PageVisibility
  readonly environment: Environment
  readonly timings: TabTimings
  readonly listener: FollowerLinkListener<Down>
}

export interface FollowerLinkListener<Down> {
  readonly attached: (term: string) => void
  readonly detached: () => void
  readonly received: (payload: Down) => void
  /** A heartbeat of the leader that this tab follows or is about to follow. */
  readonly heard: () => void
  readonly invited: () => void
}

/**
 * unled     nobody is known who leads. A heartbeat leads on.
 * calling   asked to be attached by the leader of a term, or by whoever leads.
 * attached  the leader knows this tab, and messages in both directions are numbered.
 * closed    for good.
 */
type State =
  | { readonly is: 'unled' }
  | { readonly is: 'closed' }
  | { readonly is: 'calling'; readonly link: string; readonly at: number; readonly term: string | undefined }
  | {
      readonly is: 'attached'
      readonly link: string
      readonly term: Term
      readonly received: number
      readonly sent: number
    }

/** A follower's end of the link to its leader. A hole, a leader that has forgotten it and a later leader all end it, and it attaches anew. */
export class FollowerLink<Up, Down> {
  readonly #options: FollowerLinkOptions<Up, Down>
  #state: State = { is: 'unled' }

  constructor(options: FollowerLinkOptions<Up, Down>) {
    this.#options = options
    this.#call(undefined)
  }

  /** False when there is no leader to send it to: it is dropped. */
  send(payload: Up): boolean {
    const state = this.#state
    if (state.is !== 'attached') return false
    const n = state.sent + 1
    this.#options.post({ type: 'up', term: state.term.id, link: state.link, n, payload })
    this.#state = { ...state, sent: n }
    return true
  }

  hear(message: TabMessage<Up, Down>): void {
    switch (message.type) {
      case 'beat':
        this.#beat(message.term, message.sent)
        break
      case 'attached':
        this.#attach(message.term, message.link)
        break
      case 'detached':
        if (this.#isOn(message.link)) this.#reattach(undefined)
        break
      case 'down':
        this.#receive(message.to, message.payload)
        break
      case 'lead':
        if (this.#isOn(message.link)) this.#options.listener.invited()
        break
      case 'resigned':
        if (this.#state.is === 'attached' && this.#state.term.id === message.term) this.forsake()
        break
      case 'attach':
      case 'up':
      case 'alive':
      case 'bye':
        break
      default:
        // A newer build may say more.
        message satisfies never
    }
  }

  /** Tells the leader that it is there, how far it has sent, and whether the page is visible. */
  show(): void {
    const state = this.#state
    if (state.is !== 'attached') return
    const { link, term, sent } = state
    this.#options.post({ type: 'alive', term: term.id, link, sent, page: this.#options.page() })
  }

  /**
   * The leader is taken for dead. It is not called: a page that is frozen or hangs might still answer, and only heartbeats, which come by
   * timer, prove that somebody leads.
   */
  forsake(): void {
    if (this.#state.is !== 'closed') this.#become({ is: 'unled' })
  }

  close(): void {
    const state = this.#state
    if (state.is === 'calling' || state.is === 'attached')
      this.#options.post({ type: 'bye', link: state.link })
    this.#become({ is: 'closed' })
  }

  #isOn(link: string): boolean {
    return this.#state.is === 'attached' && this.#state.link === link
  }

  #beat(term: Term, sent: Readonly<Record<string, number>>): void {
    const { environment, timings, listener } = this.#options
    const state = this.#state
    if (state.is === 'closed') return
    // Its lock was stolen, and it has not heard of it yet.
    if (state.is === 'attached' && outranks(state.term, term)) return
    listener.heard()
    if (state.is === 'unled') this.#call(term.id)
    else if (state.is === 'attached') {
      // Another leader knows no such link.
      if (sent[state.link] !== state.received) this.#reattach(term)
      else this.show()
    } else if (state.term !== term.id || environment.now() - state.at >= timings.callMs) {
      // An earlier call was not for it, or was lost.
      this.#call(term.id)
    }
  }

  #attach(term: Term, link: string): void {
    if (this.#state.is !== 'calling' || this.#state.link !== link) return
    this.#state = { is: 'attached', link, term, received: 0, sent: 0 }
    this.#options.listener.attached(term.id)
  }

  #receive(to: Readonly<Record<string, number>>, payload: Down): void {
    const state = this.#state
    if (state.is !== 'attached') return
    const n = to[state.link]
    if (n === undefined) return
    if (n === state.received + 1) {
      this.#state = { ...state, received: n }
      this.#options.listener.received(payload)
    } else this.#reattach(state.term)
  }

  #reattach(leader: Term | undefined): void {
    this.#become({ is: 'unled' })
    this.#call(leader?.id)
  }

  #call(term: string | undefined): void {
    if (this.#state.is === 'closed') return
    const { tab, environment, page, post } = this.#options
    const link = environment.randomId()
    this.#state = { is: 'calling', link, at: environment.now(), term }
    post({ type: 'attach', tab, link, page: page() })
  }

  #become(state: State): void {
    const before = this.#state
    this.#state = state
    if (before.is === 'attached') this.#options.listener.detached()
  }
}
