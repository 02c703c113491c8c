import { workText } from '../../observer/work-text.ts'
import type { FailedWrite } from '../../status/failed-writes.ts'
import { type Elements, say } from './element.ts'
import { headedSection } from './headed-section.ts'
import { KeyedList } from './keyed-list.ts'
import type { PanelSection, PanelView } from './panel-section.ts'

type Client = PanelView['client']

/** Writes that the server refused, and what can be done about them. */
export function failedSection(h: Elements): PanelSection {
  const { node, heading, count, empty } = headedSection(h, 'Failed writes')
  const items = h('ul')
  node.append(items)
  let client: Client | undefined
  const list = new KeyedList<FailedWrite>(items, {
    key: ({ id }) => id,
    make: (write) => ({ node: failedItem(h, write, () => client) }),
    focusLost: () => heading.focus(),
  })
  return {
    node,
    show: (view) => {
      client = view.client
      const failed = client.failedWrites.get()
      say(count, String(failed.count))
      list.show(failed.items)
      say(empty, failed.count === 0 ? 'None.' : '')
    },
  }
}

function failedItem(h: Elements, write: FailedWrite, client: () => Client | undefined): HTMLElement {
  const what = write.kind === 'unreadable' ? 'unreadable' : workText(write.ops, write.command?.name ?? null)
  const problem = h('p', { role: 'alert' })
  const act = (label: string, run: (client: Client) => Promise<void>): HTMLButtonElement => {
    const button = h('button', { type: 'button', 'aria-label': `${label}: ${what}` }, label)
    button.addEventListener('click', () => {
      const current = client()
      // A write that is refused again is in the list again; what is said here is why nothing was done.
      if (current)
        run(current).catch((error: unknown) => {
          if (button.isConnected) say(problem, error instanceof Error ? error.message : String(error))
        })
    })
    return button
  }
  const buttons = h(
    'div',
    { class: 'buttons' },
    ...(write.kind === 'unreadable' ? [] : [act('Try again', (current) => current.retryFailed(write.id))]),
    act('Discard', (current) => current.discardFailed(write.id)),
  )
  const reason = h('p', {}, h('code', {}, write.code), ` ${write.message}`)
  return h('li', {}, h('span', { class: 'what' }, what), reason, buttons, problem)
}
