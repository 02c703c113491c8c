import type { SyncPanelOptions } from './panel-options.ts'

/**
 * Shows in `target` what clients are doing, with plain DOM in a shadow root. Returns what takes it away again: no node, listener or timer is
 * left, and it may be called twice.
 */
export function mountSyncPanel(target: HTMLElement, options: SyncPanelOptions): () => void {
  const host = target.ownerDocument.createElement('div')
  host.attachShadow({ mode: 'open' }).append(`${options.client?.status.get().state}`)
  target.append(host)
  return () => host.remove()
}
