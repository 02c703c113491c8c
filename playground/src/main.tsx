import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { here } from './frame/here.ts'
import { keepPage } from './frame/keep-page.ts'
import './frame/theme.css'
import './frame/page-frame.css'

// Each page connects to an object of its own as soon as it is loaded, so only the one in the address is.
const PAGES = {
  chat: () => import('./chat/chat-page.tsx'),
  board: () => import('./board/board-page.tsx'),
  items: () => import('./items/items-page.tsx'),
}

document.title = `${here.room} · Playground`

const { Page } = await PAGES[here.page]()
createRoot(document.getElementById('app') as HTMLElement).render(
  <StrictMode>
    <Page />
  </StrictMode>,
)
void keepPage()
