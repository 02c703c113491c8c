import { workText } from '../../observer/work-text.ts'
import type { PendingWrite } from '../../status/pending-writes.ts'
import { type Elements, say } from './element.ts'
import { headedSection } from './headed-section.ts'
import { KeyedList } from './keyed-list.ts'
import type { PanelSection } from './panel-section.ts'
import { ageText } from './panel-text.ts'

/** More than anybody reads; a page that was offline for a day may have thousands. */
const SHOWN = 50

/** Writes that are not confirmed. */
export function pendingSection(h: Elements): PanelSection {
  const { node, count, empty } = headedSection(h, 'Pending writes')
  const items = h('ul')
  node.append(items)
  let now = 0
  const list = new KeyedList<PendingWrite>(items, {
    key: ({ id }) => id,
    make: ({ ops, command }) => {
      const state = h('span', { class: 'tag' })
      const age = h('span', { class: 'faint' })
      return {
        node: h('li', {}, h('span', { class: 'what' }, workText(ops, command)), ' ', state, ' ', age),
        show: (write) => {
          say(state, write.state)
          say(age, ageText(now - write.queuedAt))
        },
      }
    },
  })
  return {
    node,
    show: (view) => {
      now = view.now
      const writes = view.client.pendingWrites.get()
      say(count, String(writes.count))
      list.show(writes.items.slice(0, SHOWN))
      const more = writes.count - SHOWN
      say(empty, writes.count === 0 ? 'Everything is confirmed.' : more > 0 ? `The oldest ${SHOWN}.` : '')
    },
  }
}
