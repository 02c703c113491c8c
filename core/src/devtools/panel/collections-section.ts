import { insideOf } from '../../client/sync-client.ts'
import type { FedCollection } from '../../collection/collection-host.ts'
import { type Elements, say } from './element.ts'
import { headedSection } from './headed-section.ts'
import { KeyedList } from './keyed-list.ts'
import type { PanelSection } from './panel-section.ts'

const COLUMNS = ['Collection', 'State', 'Rows', 'Received', 'Subs'] as const

/** TanStack DB's own, where the application gave none: it says nothing to anybody. */
const MADE_UP = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/

/** What is shown to the application, and what of it the server keeps. */
export function collectionsSection(h: Elements): PanelSection {
  const { node, count, empty } = headedSection(h, 'Collections')
  const heads = COLUMNS.map((name) => h('th', { scope: 'col' }, name))
  const rows = h('tbody')
  const table = h('table', {}, h('thead', {}, h('tr', {}, ...heads)), rows)
  node.append(table)
  const numbers = new WeakMap<FedCollection, number>()
  let made = 0
  const list = new KeyedList<FedCollection>(rows, {
    key: (collection) => {
      const number = numbers.get(collection) ?? ++made
      numbers.set(collection, number)
      return number
    },
    make: ({ table, id, syncMode }) => {
      const values = COLUMNS.slice(1).map(() => h('td'))
      const name = [table, ...(id === table || MADE_UP.test(id) ? [] : [h('span', { class: 'id' }, id)])]
      const mode = h('span', { class: 'id' }, syncMode)
      return {
        node: h('tr', {}, h('th', { scope: 'row' }, ...name, mode), ...values),
        show: ({ state, feed }) => {
          const { rows, received, subscriptions } = feed.counts
          const phase = state.phase === 'error' ? `error: ${state.error.code}` : state.phase
          for (const [i, value] of [phase, rows, received, subscriptions].entries()) {
            const cell = values[i]
            if (cell) say(cell, value.toLocaleString('en'))
          }
        },
      }
    },
  })
  return {
    node,
    show: ({ client }) => {
      const { collections } = insideOf(client)
      say(count, String(collections.size))
      say(empty, collections.size === 0 ? 'None is used.' : '')
      table.hidden = collections.size === 0
      list.show([...collections])
    },
  }
}
