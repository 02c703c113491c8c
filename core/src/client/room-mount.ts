import type { SyncError } from '../errors.ts'
import type { StoredShape } from '../persistence/room-storage.ts'
import { type CollectionSyncState, IDLE, LOADING } from '../status/collection-sync-state.ts'
import type { RowSink } from '../stream/row-commit.ts'
import type { Movable, Subscribed } from '../stream/stream.ts'
import type { HeldFrom } from '../stream/stream-event.ts'
import type { SyncMode } from '../stream/stream-keeper.ts'
import type { SubscriptionSpec } from '../wire/index.ts'
import { parsePosition } from '../wire/position.ts'
import { type Resumption, resumption } from './resume-rows.ts'
import type { RoomLink } from './room-link.ts'

/**
 * unread  what is kept on this device is being looked for.
 * loose   between two links. `given`: what is shown came with the page, and is kept nowhere.
 * linked  fed by a link.
 * ended   nobody wants it any more.
 */
type State =
  | { readonly is: 'unread' | 'ended' }
  | Loose
  | { readonly is: 'linked'; readonly movable: Movable }

interface Loose {
  readonly is: 'loose'
  readonly held: HeldFrom | null
  readonly given?: 'kept nowhere'
}

export interface RoomMountOptions {
  readonly spec: SubscriptionSpec
  readonly sink: RowSink
  readonly syncMode: SyncMode
  /** Whether there is a device to keep the rows on. */
  readonly keeps: 'rows' | 'nothing'
  readonly report: (error: unknown) => void
  readonly ended: () => void
}

/** One subscription of a collection, over however many links it takes. */
export class RoomMount implements Subscribed {
  readonly #options: RoomMountOptions
  #spec: SubscriptionSpec
  #state: State = { is: 'unread' }

  constructor(options: RoomMountOptions) {
    this.#options = options
    this.#spec = options.spec
  }

  get spec(): SubscriptionSpec {
    return this.#spec
  }

  /** Fed by `link` from here on. `stored` is what is kept of it on this device. */
  link(link: RoomLink, stored: StoredShape | undefined): void {
    const { sink, syncMode } = this.#options
    const before = this.#state
    if (before.is === 'ended' || before.is === 'linked') return
    const resumed = resumption(this.#toGoOnFrom(before, stored), stored)
    const held = this.#heldBy(resumed)
    if (before.is === 'unread' && !held) this.#guard(() => sink.nothingKept?.())
    const rows = resumed.from === 'memory' || !held ? 'none' : 'kept'
    const movable = link.mount(this.#spec, sink, held, { syncMode, rows })
    // A listener of the application may have ended it meanwhile.
    if (this.#state !== before) movable.end()
    else this.#state = { is: 'linked', movable }
  }

  /** Nobody feeds it yet: it shows what is kept. */
  show(stored: StoredShape | undefined): void {
    const isOlder = stored && this.#state.is === 'loose' && isOlderPage(this.#state, stored)
    if (this.#state.is !== 'unread' && !isOlder) return
    const held = stored ? this.#shown(stored) : null
    if (held) this.#state = { is: 'loose', held }
    else if (!isOlder) this.#guard(() => this.#options.sink.nothingKept?.())
  }

  /** What came with the page is shown at once, before anything is known of what is kept. */
  showGiven(given: StoredShape): void {
    if (this.#state.is !== 'unread') return
    const held = this.#shown(given)
    if (held) this.#state = { is: 'loose', held, given: 'kept nowhere' }
  }

  /** It cannot be linked yet, for want of code; `error` says why that is not there. */
  waits(since: number, error?: SyncError): void {
    const shown: CollectionSyncState = this.#state.is === 'loose' ? { phase: 'stale', since } : LOADING
    this.#guard(() => this.#options.sink.state(error ? { phase: 'error', error } : shown))
  }

  /** Its link is about to go. */
  loosen(): void {
    if (this.#state.is === 'linked') this.#state = { is: 'loose', held: this.#state.movable.held() }
  }

  resize(limit: number): void {
    const { window } = this.#spec
    if (window) this.#spec = { ...this.#spec, window: { ...window, limit } }
    if (this.#state.is === 'linked') this.#state.movable.resize(limit)
  }

  end(): void {
    const before = this.#state
    if (before.is === 'ended') return
    this.#state = { is: 'ended' }
    if (before.is === 'linked') before.movable.end()
    // Not every link says so, and without one nobody would.
    this.#guard(() => this.#options.sink.state(IDLE))
    this.#options.ended()
  }

  /**
   * Rows that came with the page would be kept no further: they are loaded anew, under what is shown, where they can be kept. Where the device
   * has newer ones, those are shown at once: a page that a service worker has kept may be old, and the server out of reach.
   */
  #toGoOnFrom(before: State, stored: StoredShape | undefined): HeldFrom | null {
    if (before.is !== 'loose') return null
    if (stored && isOlderPage(before, stored)) return null
    return before.given && !stored && this.#options.keeps === 'rows' ? null : before.held
  }

  #heldBy(resumed: Resumption): HeldFrom | null {
    switch (resumed.from) {
      case 'shown':
        return this.#shown(resumed.shape)
      case 'same':
      case 'memory':
        return resumed.held
      case 'under': {
        const { shape } = resumed
        // How much a window holds is known with the first commit; until then nothing more is asked for.
        return { ...heldAt(shape, Number.MAX_SAFE_INTEGER), under: shape.blocks }
      }
      case 'anew':
        return null
    }
  }

  /** A listener of the application that throws must not cost the rows. */
  #guard(say: () => void): void {
    try {
      say()
    } catch (error) {
      this.#options.report(error)
    }
  }

  /** Hands the rows that are kept to their collection. Null when they are none of its rows. */
  #shown(stored: StoredShape): HeldFrom | null {
    const { sink, report } = this.#options
    const { blocks, keyColumn: key, kinds, position } = stored
    const boundary = stored.boundary ?? null
    // Not cut here: whoever keeps the rows would not hear of it. It is with the first that comes.
    const window = stored.boundary === undefined ? null : { boundary, limit: Number.MAX_SAFE_INTEGER }
    const commit = { blocks, key, kinds, as: 'replace', at: position, window, from: 'device' } as const
    const { measures, thrown } = sink.group.apply([{ sink, commit }])
    const measure = measures[0]
    const isLeftOut = thrown?.rows === 'left out'
    if (!isLeftOut) this.#guard(() => sink.ready())
    if (thrown) report(thrown.error)
    if (isLeftOut) return null
    return heldAt(stored, measure?.held ?? 0)
  }
}

/**
 * Whether what is shown came with the page, and seems to be older than what is kept. It only decides what is looked at until the server has
 * answered: either is a set of rows with its own position, of which the server is the judge.
 */
function isOlderPage({ given, held }: Loose, stored: StoredShape): boolean {
  const [shown, kept] = [given && held && parsePosition(held.since.position), parsePosition(stored.position)]
  return shown && kept ? shown.object === kept.object && shown.seq < kept.seq : false
}

function heldAt({ position, boundary, token, keyColumn, kinds }: StoredShape, held: number): HeldFrom {
  const window = boundary === undefined ? null : { boundary, held }
  return { since: { position, window }, rows: { shape: token, key: keyColumn, kinds } }
}
