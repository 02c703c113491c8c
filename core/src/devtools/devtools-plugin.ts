import { PLUGIN_ID } from './devtools-observer.ts'
import { mountSyncPanel } from './panel/mount-sync-panel.ts'
import type { SyncPanelOptions } from './panel/panel-options.ts'

type Theme = 'light' | 'dark'

/** The panel in the shape that TanStack Devtools' own panels have, for its `createReactPanel` and the like: extend it with a constructor of yours. */
export class SyncDevtoolsPanel {
  readonly #options: SyncPanelOptions
  #unmount: () => void = () => {}

  constructor(options: SyncPanelOptions) {
    this.#options = options
  }

  /** Where it is mounted already, it moves. */
  mount(target: HTMLElement, theme?: Theme): void {
    this.unmount()
    this.#unmount = mountSyncPanel(target, { ...this.#options, ...(theme ? { theme } : {}) })
  }

  unmount(): void {
    this.#unmount()
    this.#unmount = () => {}
  }
}

/** An entry of TanStack Devtools' `plugins`. */
export interface SyncDevtoolsPlugin {
  readonly id: string
  readonly name: string
  /** Older versions hand over the theme, newer ones an object with it. */
  readonly render: (target: HTMLElement, props: Theme | { readonly theme: Theme }) => void
  readonly destroy: () => void
}

/** The panel as an entry of TanStack Devtools' `plugins`, in its own packages and in plain DOM. */
export function syncDevtoolsPlugin(options: SyncPanelOptions): SyncDevtoolsPlugin {
  const panel = new SyncDevtoolsPanel(options)
  return {
    id: PLUGIN_ID,
    name: 'Durable Sync',
    render: (target, props) => panel.mount(target, typeof props === 'string' ? props : props.theme),
    destroy: () => panel.unmount(),
  }
}
