import { SyncProvider } from '@durable-sync/solid'
import { render } from 'solid-js/web'
import { mountLabPanel } from '../lab/lab-panel.ts'
import { pane } from '../lab/pane.ts'
import '../frame/theme.css'
import '../pages/pages.css'

// Each page is an object of its own, so only the one in the address is loaded.
const PAGES = {
  chat: async () => ({ Page: (await import('./chat.tsx')).Chat, lab: await import('../lab/chat-sync.ts') }),
  board: async () => ({
    Page: (await import('./board.tsx')).Board,
    lab: await import('../lab/board-sync.ts'),
  }),
  items: async () => ({
    Page: (await import('./items.tsx')).Items,
    lab: await import('../lab/items-sync.ts'),
  }),
}

const {
  Page,
  lab: { sync, ...lab },
} = await PAGES[pane.page]()
document.title = `${pane.room} · Solid`
render(
  () => (
    <SyncProvider sync={sync} room={pane.room}>
      <Page />
    </SyncProvider>
  ),
  document.getElementById('app') as HTMLElement,
)
mountLabPanel(sync.room(pane.room), lab)
