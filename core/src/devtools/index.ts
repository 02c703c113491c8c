export type { ObservedClient, SyncEvent, SyncObserver } from '../observer/sync-event.ts'
export { devtoolsObserver } from './devtools-observer.ts'
export { SyncDevtoolsPanel, type SyncDevtoolsPlugin, syncDevtoolsPlugin } from './devtools-plugin.ts'
export { mountSyncPanel } from './panel/mount-sync-panel.ts'
export type { SyncPanelOptions } from './panel/panel-options.ts'
export {
  createRecorder,
  type RecordedEvent,
  type Recorder,
  type RecorderOptions,
  type Totals,
} from './recorder.ts'
