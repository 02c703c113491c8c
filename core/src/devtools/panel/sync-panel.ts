import type { AnySyncClient } from '../../client/nearest-client.ts'
import type { Recorder } from '../recorder.ts'
import { collectionsSection } from './collections-section.ts'
import type { Elements } from './element.ts'
import { factsSection } from './facts-section.ts'
import { failedSection } from './failed-section.ts'
import type { PanelSection } from './panel-section.ts'
import { pendingSection } from './pending-section.ts'
import { Refresher } from './refresher.ts'
import { timelineSection } from './timeline-section.ts'

/** What one client does, until it is stopped. */
export class SyncPanel {
  readonly node: HTMLElement
  readonly #client: AnySyncClient
  readonly #recorder: Recorder | undefined
  readonly #sections: readonly PanelSection[]
  readonly #refresher: Refresher
  readonly #cancels: readonly (() => void)[]

  constructor(h: Elements, client: AnySyncClient, recorder: Recorder | undefined) {
    this.#client = client
    this.#recorder = recorder
    this.#sections = [
      factsSection(h),
      failedSection(h),
      pendingSection(h),
      collectionsSection(h),
      timelineSection(h, () => this.#refresher.now()),
    ]
    this.node = h('div', { class: 'panel' }, ...this.#sections.map(({ node }) => node))
    this.#refresher = new Refresher(() => this.#draw())
    const soon = () => this.#refresher.soon()
    const { status, tab, storage, pendingWrites, failedWrites } = client
    const readables = [status, tab, storage, pendingWrites, failedWrites]
    this.#cancels = readables.map(({ subscribe }) => subscribe(soon))
    if (recorder) this.#cancels = [...this.#cancels, recorder.subscribe(soon)]
    this.#draw()
  }

  stop(): void {
    this.#refresher.stop()
    for (const cancel of this.#cancels) cancel()
    this.node.remove()
  }

  #draw(): void {
    const view = { client: this.#client, recorder: this.#recorder, now: Date.now() }
    for (const section of this.#sections) section.show(view)
  }
}
