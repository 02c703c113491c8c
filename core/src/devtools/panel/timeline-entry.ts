import type { SyncEvent } from '../../observer/sync-event.ts'
import { kindOf } from '../event-kind.ts'
import type { RecordedEvent } from '../recorded-event.ts'
import type { Elements } from './element.ts'
import { eventText } from './event-text.ts'
import type { KeyedNode } from './keyed-list.ts'
import { clockText } from './panel-text.ts'

/** A frame of a megabyte would hold up the page that it is shown in. */
const SHOWN_UNITS = 20_000

/** One event. A frame can be unfolded. */
export function timelineEntry(h: Elements, recorded: RecordedEvent): KeyedNode<RecordedEvent> {
  const { event } = recorded
  // A recorder lets go of texts; what is not unfolded must not hold them.
  let latest = recorded
  const kind = kindOf(event)
  const { what, how } = eventText(event)
  const way = kind === 'in' ? '↓ in' : kind === 'out' ? '↑ out' : ''
  const line = [
    h('time', { class: 'faint', datetime: new Date(event.at).toISOString() }, clockText(event.at)),
    ...(way ? [' ', h('span', { class: 'way' }, way)] : []),
    ' ',
    h('span', { class: 'what' }, what),
    ' ',
    h('span', { class: event.type === 'frame' ? 'faint' : 'how' }, how),
  ]
  const node = h('li', { 'data-kind': kind })
  const show = (now: RecordedEvent) => {
    latest = now
  }
  if (event.type !== 'frame') {
    node.append(h('div', {}, ...line))
    return { node, show }
  }
  const details = h('details', {}, h('summary', {}, ...line))
  details.addEventListener('toggle', () => {
    details.querySelector('pre')?.remove()
    if (details.open) details.append(h('pre', { tabindex: '0' }, textOf(latest.event)))
  })
  node.append(details)
  return { node, show }
}

function textOf(event: SyncEvent): string {
  if (event.type !== 'frame') return ''
  const { frame, text } = event
  if (text === null) return frame === 'auth' ? 'Not shown: it holds credentials.' : 'Not held any more.'
  if (text.length > SHOWN_UNITS) return `${text.slice(0, SHOWN_UNITS)}… (${text.length - SHOWN_UNITS} more)`
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
