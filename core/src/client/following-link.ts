import type { Observe } from '../observer/observe.ts'
import type { CollectionSyncState } from '../status/collection-sync-state.ts'
import type { RowPart, RowSink } from '../stream/row-commit.ts'
import type { Movable } from '../stream/stream.ts'
import type { HeldFrom } from '../stream/stream-event.ts'
import type { Keeping } from '../stream/stream-keeper.ts'
import type { SubscriptionSpec } from '../wire/index.ts'
import { errorOf, stateOf } from './plain-error.ts'
import type { RoomLink } from './room-link.ts'
import type { DownMessage, RelayedPart, UpMessage } from './room-message.ts'

export interface FollowingLinkOptions {
  /** What is said while no leader is attached is dropped: everything is said again to the next one. */
  readonly up: (message: UpMessage) => void
  /** These collections have yet to get the rows that the leader has. */
  readonly joining: (collections: ReadonlySet<string>) => void
  readonly report: (error: unknown) => void
  readonly observe?: Observe | undefined
}

interface Followed {
  readonly spec: SubscriptionSpec
  readonly sink: RowSink
  readonly keeping: Keeping
  held: HeldFrom | null
  is: 'behind' | 'live'
}

/** The socket of another tab. For one attachment to one leader. */
export class FollowingLink implements RoomLink {
  readonly #options: FollowingLinkOptions
  readonly #subs = new Map<number, Followed>()
  #nextSub = 1
  /** Where its rows are, as far as the observer was told. */
  #position: string | undefined
  #phase: 'taking' | 'taken' = 'taking'
  #wanted = false

  constructor(options: FollowingLinkOptions) {
    this.#options = options
  }

  mount(spec: SubscriptionSpec, sink: RowSink, held: HeldFrom | null, keeping: Keeping): Movable {
    const sub = this.#nextSub++
    const followed: Followed = { spec, sink, keeping, held, is: 'behind' }
    this.#subs.set(sub, followed)
    this.#tellJoining()
    this.#options.up({ type: 'mount', sub, spec, held, keeping })
    return {
      resize: (limit) => this.#options.up({ type: 'resize', sub, limit }),
      end: () => {
        if (!this.#subs.delete(sub)) return
        this.#options.up({ type: 'end', sub })
        this.#tellJoining()
      },
      held: () => followed.held,
    }
  }

  want(wanted: boolean): void {
    if (wanted === this.#wanted) return
    this.#wanted = wanted
    this.#options.up({ type: 'want', wanted })
  }

  resume({ token }: { readonly token?: string }): void {
    this.#options.up({ type: 'resume', token })
  }

  /** From here on it is known what is mounted: who is told less before, lets go of writes whose rows are not here. */
  taken(): void {
    this.#phase = 'taken'
    this.#tellJoining()
  }

  leave(): void {
    this.#subs.clear()
  }

  /** What the leader says of subscriptions. */
  hear(message: DownMessage): void {
    switch (message.type) {
      case 'rows':
        this.#apply(message.parts)
        break
      case 'moved':
        for (const [sub, since] of message.subs) {
          const followed = this.#subs.get(sub)
          if (!followed?.held) continue
          followed.held = { ...followed.held, since }
          this.#placed(followed.held)
        }
        break
      case 'ready':
        this.#tell(message.sub, (sink) => sink.ready())
        break
      case 'refuse':
        this.#tell(message.sub, (sink) => sink.refuse(errorOf(message.error), message.rows))
        break
      case 'state':
        this.#state(message.sub, stateOf(message.state))
        break
    }
  }

  #state(sub: number, state: CollectionSyncState): void {
    const followed = this.#subs.get(sub)
    if (!followed) return
    this.#guard(() => followed.sink.state(state))
    // What is not served is not waited for.
    followed.is = state.phase === 'live' || state.phase === 'error' ? 'live' : 'behind'
    this.#tellJoining()
  }

  #tellJoining(): void {
    if (this.#phase === 'taking') return
    const behind = [...this.#subs.values()].filter(({ is }) => is === 'behind')
    this.#options.joining(new Set(behind.map(({ spec }) => spec.collection)))
  }

  /** Each collection gets its part of the frame at once. */
  #apply(parts: readonly RelayedPart[]): void {
    const groups = new Map<RowSink['group'], RowPart[]>()
    for (const { sub, commit, held } of parts) {
      const followed = this.#subs.get(sub)
      if (!followed) continue
      followed.held = held
      if (held) this.#placed(held)
      const { sink } = followed
      const group = groups.get(sink.group)
      if (group) group.push({ sink, commit })
      else groups.set(sink.group, [{ sink, commit }])
    }
    for (const [group, its] of groups) {
      this.#guard(() => {
        const { thrown } = group.apply(its)
        if (thrown) throw thrown.error
      })
    }
  }

  #placed({ since: { position } }: HeldFrom): void {
    if (position === this.#position) return
    this.#position = position
    this.#options.observe?.({ type: 'position', position })
  }

  #tell(sub: number, say: (sink: RowSink) => void): void {
    const followed = this.#subs.get(sub)
    if (followed) this.#guard(() => say(followed.sink))
  }

  /** One collection's listener that throws must not keep the others from their rows. */
  #guard(say: () => void): void {
    try {
      say()
    } catch (error) {
      this.#options.report(error)
    }
  }
}
