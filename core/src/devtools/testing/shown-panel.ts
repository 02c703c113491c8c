import { createCollection } from '@tanstack/db'
import { vi } from 'vitest'
import { SyncClient } from '../../client/sync-client.ts'
import { ScriptedServer } from '../../client/testing/scripted-server.ts'
import { row, type TodoApi } from '../../client/testing/todo-room.ts'
import { doCollectionOptions } from '../../collection/do-collection-options.ts'
import { mountSyncPanel } from '../panel/mount-sync-panel.ts'
import type { SyncPanelOptions } from '../panel/panel-options.ts'
import { createRecorder } from '../recorder.ts'

/** Longer than it takes to draw. With fake timers. */
export const drawn = () => vi.advanceTimersByTimeAsync(1_500)

/** A recorded client of an object with two todos. */
export function recordedRoom(room = 'lobby') {
  const server = new ScriptedServer()
  server.kinds.todos = { done: 'boolean' }
  for (const id of ['a', 'b']) server.put('todos', row(id))
  const recorder = createRecorder()
  const client = new SyncClient<TodoApi>({
    transport: server,
    keptAs: { endpoint: 'wss://x', room },
    timings: { firstWindowMs: 1, backoffBaseMs: 400, backoffCapMs: 400, lingerMs: 50 },
    observer: recorder.observer,
  })
  const todos = createCollection(doCollectionOptions({ client, table: 'todos', id: `todos of ${room}` }))
  return { server, recorder, client, todos }
}

/** A panel on the page, and what somebody sees of it. */
export function shownPanel(options: SyncPanelOptions) {
  const target = document.createElement('div')
  document.body.append(target)
  const unmount = mountSyncPanel(target, options)
  const root = target.firstElementChild?.shadowRoot
  if (!root) throw new Error('there is no panel')
  const all = <E extends Element = HTMLElement>(selector: string) => [...root.querySelectorAll<E>(selector)]
  const textOf = (node: Element | null | undefined) => node?.textContent?.replaceAll(/\s+/g, ' ').trim() ?? ''
  const section = (title: string) => {
    const found = all('section section').find((each) => textOf(each.querySelector('h4')).startsWith(title))
    if (!found) throw new Error(`there is no section "${title}"`)
    return found
  }
  return {
    target,
    unmount,
    root,
    all,
    textOf,
    section,
    /** What is said of the client by name. */
    fact: (name: string) => textOf(all('dt').find((each) => each.textContent === name)?.nextElementSibling),
    items: (title: string) => [...section(title).querySelectorAll('li')].map(textOf),
    rows: () =>
      [...section('Collections').querySelectorAll('tbody tr')].map((row) => [...row.children].map(textOf)),
    /** Presses the button that a screen reader calls so. */
    press: (name: string) => {
      const named = (button: HTMLElement) =>
        (button.getAttribute('aria-label') ?? button.textContent) === name
      const button = all<HTMLButtonElement>('button').find(named)
      if (!button) throw new Error(`there is no button "${name}"`)
      button.focus()
      button.click()
    },
    check: (label: string) => {
      const found = all('label').find((each) => textOf(each) === label)
      found?.querySelector('input')?.click()
    },
  }
}
