import type { AnySyncClient } from '../../client/nearest-client.ts'
import type { Recorder } from '../recorder.ts'

export interface SyncPanelOptions {
  /** The client that is shown; or `clients`. */
  readonly client?: AnySyncClient
  /** Several, with a choice among them. What is shown at first is the first one. */
  readonly clients?: readonly AnySyncClient[]
  /** Whose `observer` the clients were given. Without one there are no frames, no bytes and no position. */
  readonly recorder?: Recorder
  /** Default: what the page's `color-scheme` says. */
  readonly theme?: 'light' | 'dark'
}
