import type { AnySyncClient } from '@durable-sync/core'
import type { Recorder } from './recorder.ts'

export interface LabPanelOptions {
  readonly recorder: Recorder
  /** Has the server refuse the next write of this person. Default: this cannot be asked for on this page. */
  readonly refuseNextWrite?: () => Promise<unknown>
}

/**
 * Adds the lab's panel below the page, once. A page has `<div id="app">` and fills it: it gets the height that the panel leaves, as the
 * size container of whatever scrolls inside.
 */
export function mountLabPanel(_client: AnySyncClient, _options: LabPanelOptions): void {}
