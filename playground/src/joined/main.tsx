import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { recorder, sync } from '../lab/chat-sync.ts'
import { mountLabPanel } from '../lab/lab-panel.ts'
import { pane } from '../lab/pane.ts'
import { Joined } from './joined.tsx'
import '../frame/theme.css'
import './joined.css'

document.title = `${pane.room}, joined · Playground`
createRoot(document.getElementById('app') as HTMLElement).render(
  <StrictMode>
    <Joined />
  </StrictMode>,
)
mountLabPanel(sync.room(pane.room), { recorder, source: 'src/joined/joined.tsx' })
