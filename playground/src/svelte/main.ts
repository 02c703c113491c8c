import { mount } from 'svelte'
import { mountLabPanel } from '../lab/lab-panel.ts'
import { pane } from '../lab/pane.ts'
import App from './App.svelte'
import '../frame/theme.css'
import '../pages/pages.css'

// Each page is an object of its own, so only the one in the address is loaded.
const PAGES = {
  chat: () => Promise.all([import('./Chat.svelte'), import('../lab/chat-sync.ts')]),
  board: () => Promise.all([import('./Board.svelte'), import('../lab/board-sync.ts')]),
  items: () => Promise.all([import('./Items.svelte'), import('../lab/items-sync.ts')]),
}

const [{ default: Page }, { sync, ...lab }] = await PAGES[pane.page]()
document.title = `${pane.room} · Svelte`
mount(App, {
  target: document.getElementById('app') as HTMLElement,
  props: { sync, room: pane.room, Page },
})
mountLabPanel(sync.room(pane.room), lab)
