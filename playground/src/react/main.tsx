import { SyncProvider } from '@durable-sync/react'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { mountLabPanel } from '../lab/lab-panel.ts'
import { pane } from '../lab/pane.ts'
import '../frame/theme.css'
import '../pages/pages.css'

// Each page is an object of its own, so only the one in the address is loaded.
const PAGES = {
  chat: async () => ({ Page: (await import('./chat.tsx')).Chat, ...(await import('../lab/chat-sync.ts')) }),
  board: async () => ({
    Page: (await import('./board.tsx')).Board,
    ...(await import('../lab/board-sync.ts')),
  }),
  items: async () => ({
    Page: (await import('./items.tsx')).Items,
    ...(await import('../lab/items-sync.ts')),
  }),
}

const { Page, sync, recorder } = await PAGES[pane.page]()
document.title = `${pane.room} · React`
createRoot(document.getElementById('app') as HTMLElement).render(
  <StrictMode>
    <SyncProvider sync={sync} room={pane.room}>
      <Page />
    </SyncProvider>
  </StrictMode>,
)
mountLabPanel(sync.room(pane.room), { recorder })
