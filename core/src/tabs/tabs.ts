import type { Cancel, Environment } from '../client/environment.ts'
import { Turns } from '../session/turns.ts'
import { createReadable, type Readable } from '../status/readable.ts'
import { FollowerLink } from './follower-link.ts'
import { LeadLock } from './lead-lock.ts'
import { LeaderLink } from './leader-link.ts'
import { leadershipDeadlines } from './leadership-deadlines.ts'
import {
  INITIAL_LEADERSHIP,
  type LeadershipEffect,
  type LeadershipEvent,
  type LeadershipState,
} from './leadership-state.ts'
import { LeadershipTimers } from './leadership-timers.ts'
import { stepLeadership } from './leadership-transitions.ts'
import { watchPage } from './page-signals.ts'
import { TabChannel } from './tab-channel.ts'
import { channelName, leadLockName, outranks, type PageVisibility, type TabMessage } from './tab-message.ts'
import { defaultTabPlatform, type Locks, type TabPlatform } from './tab-platform.ts'
import { DEFAULT_TAB_TIMINGS, type TabTimings } from './tab-timings.ts'

/**
 * leader    this tab speaks with the server, for all.
 * follower  another one does, or will; also before `start` and after `stop`.
 * alone     tabs cannot agree here, so this one speaks for itself. For good.
 */
export type TabRole = 'leader' | 'follower' | 'alone'

/** Which tab speaks with the server. */
export interface Leadership {
  readonly role: Readable<TabRole>
  /** The random id of the term in which this tab leads; undefined while it does not. */
  readonly term: () => string | undefined
  /** From now on this tab leads or follows. May be called again. */
  start(): void
  /** Gives the lead up, says goodbye, and takes part no more. */
  stop(): void
}

/** What a tab hears. A listener that throws is reported and changes nothing. */
export interface TabsListener<Up, Down> {
  /** As leader: `tab` follows. Everything that is sent to it from now on arrives, in order, until it has left. */
  readonly joined: (tab: string) => void
  /** As leader: it follows no more. It may join again at once, knowing nothing. Not called when the lead ends: then all are gone. */
  readonly left: (tab: string) => void
  /** As leader: what a follower says. */
  readonly heard: (tab: string, payload: Up) => void
  /** As follower: a leader knows this tab, and has heard nothing of it yet. */
  readonly attached: (term: string) => void
  /** As follower: nothing more comes of that leader, and what was said to it may be lost. */
  readonly detached: () => void
  /** As follower: what the leader says. */
  readonly told: (payload: Down) => void
}

export interface TabsOptions<Up, Down> {
  /** Of the room: tabs of one origin that give the same name share a leader. They must understand each other's payloads. */
  readonly name: string
  readonly environment: Environment
  readonly listener: TabsListener<Up, Down>
  /** Default: the browser's. */
  readonly platform?: TabPlatform
  readonly timings?: Partial<TabTimings>
}

/**
 * The tabs of one browser that show one room: one of them leads, the others are linked to it. `Up` is what followers say, `Down` what the
 * leader says: values that can be copied to another page.
 */
export class Tabs<Up, Down> implements Leadership {
  readonly role: Readable<TabRole>
  readonly #options: TabsOptions<Up, Down>
  readonly #timings: TabTimings
  readonly #role = createReadable<TabRole>('follower')
  readonly #turns: Turns
  readonly #timers: LeadershipTimers
  #tab: string | undefined
  #state: LeadershipState = INITIAL_LEADERSHIP
  #lock: LeadLock | undefined
  #channel: TabChannel<Up, Down> | undefined
  #leader: LeaderLink<Up, Down> | undefined
  #follower: FollowerLink<Up, Down> | undefined
  #unwatch: Cancel | undefined

  constructor(options: TabsOptions<Up, Down>) {
    const { environment, timings } = options
    this.#options = options
    this.#timings = { ...DEFAULT_TAB_TIMINGS, ...timings }
    this.role = this.#role
    this.#turns = new Turns(environment.reportError)
    this.#timers = new LeadershipTimers(environment, (type) => this.#dispatch({ type }))
  }

  /** This tab's random id. Not made before it is asked for: in the module scope of a Worker there is no randomness. */
  get tab(): string {
    this.#tab ??= this.#options.environment.randomId()
    return this.#tab
  }

  readonly term = (): string | undefined => this.#leader?.term.id

  /** The followers that have joined. */
  get followers(): readonly string[] {
    return this.#leader?.followers ?? []
  }

  start(): void {
    if (this.#state.is !== 'idle') return
    const locks = this.#locks()
    if (locks) {
      const tell = (type: 'granted' | 'lost' | 'failed') => (request: number) =>
        this.#dispatch({ type, request })
      this.#lock = new LeadLock(locks, leadLockName(this.#options.name), {
        granted: tell('granted'),
        lost: tell('lost'),
        failed: tell('failed'),
      })
    }
    this.#dispatch({ type: locks ? 'start' : 'forgo' })
  }

  stop(): void {
    this.#dispatch({ type: 'stop' })
  }

  /** As leader: another tab should lead instead, any that waits for it. Does nothing when none does. */
  stepDown(): void {
    if (this.followers.length > 0) this.#dispatch({ type: 'outranked' })
  }

  /**
   * As leader: one message to some followers, or to all. Does nothing when this tab does not lead; who has not joined is passed over.
   * @throws DataCloneError when it is nothing that can be copied.
   */
  toFollowers(payload: Down, tabs?: readonly string[]): void {
    this.#leader?.send(payload, tabs)
  }

  /**
   * As follower: false when no leader is attached, and then it is dropped. True does not mean that it arrived: before that `detached` may come.
   * @throws DataCloneError when it is nothing that can be copied.
   */
  toLeader(payload: Up): boolean {
    return this.#follower?.send(payload) ?? false
  }

  /** A worker does not hear that its page is frozen, and no lock is worth holding that cannot be let go of in time. */
  #locks(): Locks | undefined {
    const { environment, platform = defaultTabPlatform() } = this.#options
    try {
      return environment.document && platform.locks()
    } catch {
      return undefined
    }
  }

  #dispatch(event: LeadershipEvent): void {
    this.#turns.run(() => this.#step(event))
  }

  #step(event: LeadershipEvent): void {
    const { environment } = this.#options
    const { state, effects } = stepLeadership(this.#state, event, {
      now: environment.now(),
      random: environment.random(),
      freshId: environment.randomId(),
      page: this.#page(),
      heir: this.#leader?.heir,
      timings: this.#timings,
    })
    this.#state = state
    this.#watch()
    this.#link()
    // Before the lock is released: the owner closes its socket within this call.
    this.#role.set(roleOf(state))
    for (const effect of effects) this.#run(effect)
    this.#timers.follow(leadershipDeadlines(state))
  }

  #run(effect: LeadershipEffect): void {
    switch (effect.type) {
      case 'request':
        this.#lock?.request(effect.request, effect.how)
        break
      case 'release':
        this.#lock?.release(effect.request)
        break
      case 'beat':
        this.#leader?.beat()
        break
      case 'invite':
        this.#leader?.invite(effect.tab)
        break
      case 'forsake':
        this.#follower?.forsake()
        break
      default:
        effect satisfies never
    }
  }

  /** The channel and the links follow from the state. */
  #link(): void {
    const state = this.#state
    if (state.is !== 'leading') this.#endLeading()
    if (!follows(state)) this.#endFollowing()
    if (state.is !== 'leading' && !follows(state)) {
      this.#channel?.close()
      this.#channel = undefined
      return
    }
    this.#channel ??= this.#open()
    if (!this.#channel) return
    if (state.is === 'leading') this.#leader ??= this.#lead(state.term)
    else this.#follower ??= this.#follow()
  }

  #endLeading(): void {
    const leader = this.#leader
    this.#leader = undefined
    leader?.close()
  }

  #endFollowing(): void {
    const follower = this.#follower
    this.#follower = undefined
    follower?.close()
  }

  #open(): TabChannel<Up, Down> | undefined {
    const { name, platform = defaultTabPlatform() } = this.#options
    try {
      const channel = platform.channel(channelName(name))
      if (channel) return new TabChannel(channel, (message) => this.#turns.run(() => this.#hear(message)))
    } catch {
      // As if there were none.
    }
    this.#dispatch({ type: 'forgo' })
    return undefined
  }

  #hear(message: TabMessage<Up, Down>): void {
    if (message.type === 'beat' && this.#leader && outranks(message.term, this.#leader.term))
      this.#step({ type: 'outranked' })
    this.#leader?.hear(message)
    this.#follower?.hear(message)
  }

  #lead(term: LeaderLink<Up, Down>['term']): LeaderLink<Up, Down> {
    const { listener } = this.#options
    return new LeaderLink({
      term,
      timings: this.#timings,
      post: (message) => this.#channel?.send(message),
      listener: {
        joined: (tab) => this.#tell(() => listener.joined(tab)),
        left: (tab) => this.#tell(() => listener.left(tab)),
        received: (tab, payload) => this.#tell(() => listener.heard(tab, payload)),
        heirShown: () => this.#dispatch({ type: 'heirShown' }),
      },
    })
  }

  #follow(): FollowerLink<Up, Down> {
    const { environment, listener } = this.#options
    return new FollowerLink({
      tab: this.tab,
      environment,
      timings: this.#timings,
      page: () => this.#page(),
      post: (message) => this.#channel?.send(message),
      listener: {
        attached: (term) => this.#tell(() => listener.attached(term)),
        detached: () => this.#tell(() => listener.detached()),
        received: (payload) => this.#tell(() => listener.told(payload)),
        heard: () => this.#dispatch({ type: 'heard' }),
        invited: () => this.#dispatch({ type: 'invited' }),
      },
    })
  }

  #page(): PageVisibility {
    return this.#options.environment.document?.visibilityState === 'visible' ? 'visible' : 'hidden'
  }

  #watch(): void {
    const { is } = this.#state
    const takesPart = is !== 'idle' && is !== 'alone' && is !== 'stopped'
    if (takesPart && !this.#unwatch) {
      this.#unwatch = watchPage(this.#options.environment, (type) => {
        this.#dispatch({ type })
        if (type === 'shown' || type === 'hid') this.#turns.run(() => this.#follower?.show())
      })
    } else if (!takesPart && this.#unwatch) {
      this.#unwatch()
      this.#unwatch = undefined
    }
  }

  /** A listener that throws is reported and changes nothing. */
  #tell(call: () => void): void {
    try {
      call()
    } catch (error) {
      this.#options.environment.reportError(error)
    }
  }
}

const roleOf = ({ is }: LeadershipState): TabRole =>
  is === 'leading' ? 'leader' : is === 'alone' ? 'alone' : 'follower'

/** Not while it is frozen: its handlers would still run, and what they begin with the storage would keep all tabs waiting until it thaws. */
const follows = ({ is }: LeadershipState): boolean =>
  is === 'waiting' || is === 'insisting' || is === 'stealing'
