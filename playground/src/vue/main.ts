import { createSyncPlugin } from '@durable-sync/vue'
import { createApp } from 'vue'
import { mountLabPanel } from '../lab/lab-panel.ts'
import { pane } from '../lab/pane.ts'
import '../frame/theme.css'
import '../pages/pages.css'

// Each page is an object of its own, so only the one in the address is loaded.
const PAGES = {
  chat: () => Promise.all([import('./ChatPage.vue'), import('../lab/chat-sync.ts')]),
  board: () => Promise.all([import('./BoardPage.vue'), import('../lab/board-sync.ts')]),
  items: () => Promise.all([import('./ItemsPage.vue'), import('../lab/items-sync.ts')]),
}

const [{ default: Page }, { sync, ...lab }] = await PAGES[pane.page]()
document.title = `${pane.room} · Vue`
createApp(Page)
  .use(createSyncPlugin({ sync, room: pane.room }))
  .mount('#app')
mountLabPanel(sync.room(pane.room), lab)
