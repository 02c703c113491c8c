import { HeldPlaces } from '../collection/held-places.ts'
import { HeldRows } from '../collection/held-rows.ts'
import type { HeldSubset } from '../collection/held-subset.ts'
import type { Applied, RowGroup, RowPart, RowSink, WindowMeasure } from '../stream/row-commit.ts'
import type { Movable } from '../stream/stream.ts'
import type { Since } from '../stream/subscription.ts'
import { plainError, plainState } from './plain-error.ts'
import type { RoomLink } from './room-link.ts'
import type { DownMessage, RelayedPart, UpMessage } from './room-message.ts'

type MountMessage = Extract<UpMessage, { type: 'mount' }>

interface Relayed {
  readonly sub: number
  readonly sink: RowSink
  movable: Movable | undefined
  /** Of a window: its keys, because how much it holds must be known in the turn of the frame. */
  readonly window: { readonly rows: HeldRows; readonly subset: HeldSubset } | undefined
}

/** Serves one tab without a socket: its subscriptions are the leader's own, and what they are told goes to the tab. */
export class Relay implements RowGroup {
  readonly #link: Pick<RoomLink, 'mount'>
  readonly #down: (message: DownMessage) => void
  readonly #subs = new Map<number, Relayed>()
  readonly #bySink = new Map<RowSink, Relayed>()

  constructor(link: Pick<RoomLink, 'mount'>, down: (message: DownMessage) => void) {
    this.#link = link
    this.#down = down
  }

  mount({ sub, spec, held, keeping }: MountMessage): void {
    const { where, window } = spec
    const rows = new HeldRows()
    const relayed: Relayed = {
      sub,
      sink: this.#sinkOf(sub),
      movable: undefined,
      window: window && { rows, subset: rows.add(where, new HeldPlaces(window.order)) },
    }
    this.#subs.set(sub, relayed)
    this.#bySink.set(relayed.sink, relayed)
    // What a window holds over there is not known here: it is asked for anew.
    relayed.movable = this.#link.mount(spec, relayed.sink, window ? null : held, keeping)
  }

  resize(sub: number, limit: number): void {
    this.#subs.get(sub)?.movable?.resize(limit)
  }

  end(sub: number): void {
    const relayed = this.#subs.get(sub)
    if (!relayed) return
    this.#subs.delete(sub)
    this.#bySink.delete(relayed.sink)
    relayed.movable?.end()
  }

  close(): void {
    for (const sub of [...this.#subs.keys()]) this.end(sub)
  }

  /** The position has moved. */
  passed(): void {
    const moved: [number, Since][] = []
    for (const { sub, movable } of this.#subs.values()) {
      const held = movable?.held()
      if (held) moved.push([sub, held.since])
    }
    if (moved.length > 0) this.#down({ type: 'moved', subs: moved })
  }

  apply(parts: readonly RowPart[]): Applied {
    const relayed: RelayedPart[] = []
    const measures: (WindowMeasure | null)[] = []
    for (const { sink, commit } of parts) {
      const to = this.#bySink.get(sink)
      const window = to?.window
      const changes = window?.rows.apply([{ subset: window.subset, commit }])
      measures.push(changes?.measures[0] ?? null)
      if (to) relayed.push({ sub: to.sub, commit, held: to.movable?.held() ?? null })
    }
    if (relayed.length > 0) this.#down({ type: 'rows', parts: relayed })
    return { measures, thrown: undefined }
  }

  #sinkOf(sub: number): RowSink {
    return {
      group: this,
      ready: () => this.#down({ type: 'ready', sub }),
      refuse: (error, rows) => this.#down({ type: 'refuse', sub, error: plainError(error), rows }),
      state: (state) => this.#down({ type: 'state', sub, state: plainState(state) }),
      closed: () => {},
    }
  }
}
