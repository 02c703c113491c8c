import type { AnySyncClient } from '@durable-sync/core'
import type { Recorder } from '@durable-sync/core/devtools'
import { keepPage } from '../frame/keep-page.ts'
import { element } from './element.ts'
import { faultControls } from './fault-controls.ts'
import { unkept } from './lab-line.ts'
import { pane } from './pane.ts'
import { sleepLine } from './sleep-line.ts'
import { sourceOf } from './source-of.ts'
import './lab-panel.css'

export interface LabPanelOptions {
  readonly recorder: Recorder
  /** Has the server refuse the next write of this person. Default: this cannot be asked for on this page. */
  readonly refuseNextWrite?: () => Promise<unknown>
  /** Where the page is written, from the playground's folder. Default: that of the pane in the address. */
  readonly source?: string
}

/** Adds the lab's panel below the page, once: one line, and what can be done when it is opened. A page fills the `#app` above it. */
export function mountLabPanel(client: AnySyncClient, options: LabPanelOptions): void {
  const inside = element('div', { class: 'lab-inside' })
  const details = element(
    'details',
    { 'data-testid': 'lab' },
    element('summary', {}, 'Lab', summary(client)),
    inside,
  )
  let close = () => {}
  details.addEventListener('toggle', () => {
    close()
    close = details.open ? open(inside, client, options) : () => {}
  })
  document.body.classList.add('lab')
  document.body.append(element('aside', { class: 'lab-panel', 'aria-label': 'Lab' }, details))
  void keepPage()
}

/** What the client does, in one line. */
function summary(client: AnySyncClient): HTMLElement {
  const line = element('span', { class: 'lab-state', 'data-testid': 'lab-state' })
  const show = () => {
    const { state } = client.status.get()
    const pending = client.pendingWrites.get().count
    const refused = client.failedWrites.get().count
    line.textContent = `${state} · ${pending} pending · ${refused} refused`
    line.dataset.state = state
    line.dataset.pending = String(pending)
    line.dataset.refused = String(refused)
    line.dataset.unkept = String(unkept.get())
  }
  for (const readable of [client.status, client.pendingWrites, client.failedWrites, unkept])
    readable.subscribe(show)
  show()
  return line
}

function links(source = sourceOf(pane.framework, pane.page)): HTMLElement {
  const { room, page } = pane
  const lab = element(
    'a',
    { href: `/?${new URLSearchParams({ room, page })}`, target: '_top' },
    'The whole lab',
  )
  const code = element('code', {}, `playground/${source}`)
  return element(
    'p',
    { class: 'lab-links' },
    lab,
    element('a', { href: `/source/${source}`, target: '_top' }, code),
  )
}

/** Fills the open panel. Returns what empties it. */
function open(inside: HTMLElement, client: AnySyncClient, options: LabPanelOptions): () => void {
  const controls = faultControls(client, options.refuseNextWrite)
  const sleep = sleepLine()
  const tools = element('div', { class: 'lab-tools' })
  let close: (() => void) | undefined = () => {}
  inside.append(controls.node, sleep.node, tools, links(options.source))
  // Nobody waits for it who never looks.
  void import('@durable-sync/core/devtools').then(({ mountSyncPanel }) => {
    if (close) close = mountSyncPanel(tools, { client, recorder: options.recorder })
  })
  return () => {
    close?.()
    close = undefined
    sleep.stop()
    controls.stop()
    inside.replaceChildren()
  }
}
