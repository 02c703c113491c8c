import { type EventKind, KINDS, kindOf } from '../event-kind.ts'
import type { RecordedEvent } from '../recorded-event.ts'
import { type Elements, say } from './element.ts'
import { headedSection } from './headed-section.ts'
import { KeyedList } from './keyed-list.ts'
import type { PanelSection, PanelView } from './panel-section.ts'
import { timelineEntry } from './timeline-entry.ts'

/** What has happened, the newest first. `redraw` is called when somebody has asked for something else. */
export function timelineSection(h: Elements, redraw: () => void): PanelSection {
  const { node, count, empty } = headedSection(h, 'Timeline')
  const chosen = new Set<EventKind>(KINDS.map(([kind]) => kind))
  const boxes = KINDS.map(([kind, label]) => {
    const box = h('input', { type: 'checkbox', checked: '' })
    box.addEventListener('change', () => {
      if (box.checked) chosen.add(kind)
      else chosen.delete(kind)
      redraw()
    })
    return h('label', {}, box, ` ${label}`)
  })
  let paused: readonly RecordedEvent[] | undefined
  let view: PanelView | undefined
  const pause = h('button', { type: 'button', 'aria-pressed': 'false' }, 'Pause')
  pause.addEventListener('click', () => {
    paused = paused || !view ? undefined : eventsOf(view)
    pause.setAttribute('aria-pressed', String(paused !== undefined))
    redraw()
  })
  const clear = h('button', { type: 'button' }, 'Clear')
  clear.addEventListener('click', () => {
    if (!view) return
    if (paused) paused = []
    view.recorder?.clear(view.client)
    redraw()
  })
  const shows = h('fieldset', {}, h('legend', {}, 'Show'), ...boxes)
  const items = h('ol', { class: 'timeline' })
  node.append(h('div', { class: 'tools' }, shows, h('div', { class: 'buttons' }, pause, clear)), items)
  const list = new KeyedList<RecordedEvent>(items, {
    key: ({ number }) => number,
    make: (recorded) => timelineEntry(h, recorded),
  })
  return {
    node,
    show: (now) => {
      view = now
      const all = eventsOf(now)
      const events = (paused ?? all).filter(({ event }) => chosen.has(kindOf(event)))
      const missed = paused ? all.length - all.findLastIndex(({ number }) => number <= lastOf(paused)) - 1 : 0
      say(count, paused ? `${events.length}, paused, ${missed} newer` : String(events.length))
      list.show(events.toReversed())
      say(empty, events.length > 0 ? '' : now.recorder ? 'Nothing.' : UNRECORDED)
    },
  }
}

const UNRECORDED =
  'Nothing is recorded: make a recorder before the client, and give its observer to the client.'

const eventsOf = ({ recorder, client }: PanelView): readonly RecordedEvent[] => recorder?.events(client) ?? []

const lastOf = (events: readonly RecordedEvent[] | undefined): number => events?.at(-1)?.number ?? 0
