import type { AnySyncClient } from '../../client/nearest-client.ts'
import { insideOf } from '../../client/sync-client.ts'
import { elementsOf } from './element.ts'
import type { SyncPanelOptions } from './panel-options.ts'
import { dress } from './panel-style.ts'
import { SyncPanel } from './sync-panel.ts'

/**
 * Shows in `target` what clients are doing, with plain DOM in a shadow root. Returns what takes it away again: no node, listener or timer is
 * left, and it may be called twice. Reading what is kept, so that pending writes are known, is all that it makes a client do.
 */
export function mountSyncPanel(target: HTMLElement, options: SyncPanelOptions): () => void {
  const { client, recorder, theme } = options
  const clients = options.clients ?? (client ? [client] : [])
  const h = elementsOf(target.ownerDocument)
  const host = h('div', { 'data-theme': theme, 'data-sync-panel': '' })
  const root = host.attachShadow({ mode: 'open' })
  dress(root)
  const title = h('h3', {}, 'Sync')
  const frame = h('section', { 'aria-label': 'Sync panel' }, title)
  root.append(frame)
  let panel: SyncPanel | undefined
  const show = (shown: AnySyncClient | undefined) => {
    panel?.stop()
    panel = shown && new SyncPanel(h, shown, recorder)
    if (panel) frame.append(panel.node)
  }
  const [first] = clients
  if (clients.length > 1) {
    const names = clients.map((each, i) => h('option', { value: String(i) }, nameOf(each, i)))
    const choice = h('select', {}, ...names)
    choice.addEventListener('change', () => show(clients[choice.selectedIndex]))
    frame.append(h('label', { class: 'choice' }, 'Client ', choice))
  } else if (first) title.textContent = `Sync: ${nameOf(first, 0)}`
  show(first)
  target.append(host)
  return () => {
    show(undefined)
    host.remove()
  }
}

function nameOf(client: AnySyncClient, index: number): string {
  const { room, observed } = insideOf(client)
  return observed?.room || room || `client ${index + 1}`
}
