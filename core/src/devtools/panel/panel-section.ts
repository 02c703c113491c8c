import type { AnySyncClient } from '../../client/nearest-client.ts'
import type { Recorder } from '../recorder.ts'

/** What a panel shows at a moment. */
export interface PanelView {
  readonly client: AnySyncClient
  readonly recorder: Recorder | undefined
  /** Milliseconds since 1970. */
  readonly now: number
}

/** A part of the panel, for one client. */
export interface PanelSection {
  readonly node: HTMLElement
  readonly show: (view: PanelView) => void
}
