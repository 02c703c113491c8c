import type { ConnectionStatus } from '../../status/connection-status.ts'
import { type Elements, say } from './element.ts'
import type { PanelSection, PanelView } from './panel-section.ts'
import { ageText, countText, sizeText, statusText, storageText } from './panel-text.ts'

const NAMES = ['Connection', 'Position', 'Tab', 'Storage', 'Received', 'Sent'] as const

/** How the client is, as names and values. */
export function factsSection(h: Elements): PanelSection {
  const values = NAMES.map(() => h('dd'))
  const pairs = NAMES.map((name, i) => h('div', {}, h('dt', {}, name), values[i] ?? ''))
  return {
    node: h('dl', { class: 'facts' }, ...pairs),
    show: (view) => {
      for (const [i, text] of factsOf(view).entries()) {
        const value = values[i]
        if (value) say(value, text)
      }
      values[0]?.setAttribute('data-mood', moodOf(view.client.status.get()))
    },
  }
}

function factsOf({ client, recorder, now }: PanelView): string[] {
  const status = client.status.get()
  const role = client.tab.get()
  const since = status.state === 'connected' ? ` for ${ageText(now - status.since)}` : ''
  const totals = recorder?.totals(client)
  const elsewhere = role === 'follower' ? 'by another tab' : 'nothing yet'
  const line = (frames = 0, units = 0) =>
    frames === 0 ? elsewhere : `${sizeText(units)} in ${countText(frames, 'frame')}`
  const unrecorded = 'not recorded'
  return [
    `${statusText(status)}${since}`,
    totals ? (totals.position ?? (role === 'follower' ? 'in another tab' : 'none yet')) : unrecorded,
    role,
    storageText(client.storage.get()),
    totals ? line(totals.framesIn, totals.unitsIn) : unrecorded,
    totals ? line(totals.framesOut, totals.unitsOut) : unrecorded,
  ]
}

function moodOf({ state }: ConnectionStatus): 'good' | 'bad' | 'busy' {
  if (state === 'connected') return 'good'
  return state === 'disconnected' || state === 'needs-auth' || state === 'failed' ? 'bad' : 'busy'
}
