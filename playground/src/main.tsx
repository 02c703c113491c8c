import { SyncProvider } from '@durable-sync/react'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { client, introduceMe, roomName } from './room.ts'
import './theme.css'
import './room-header.css'
import './conversation.css'

document.title = `${roomName} · Playground`
void introduceMe()

createRoot(document.getElementById('app') as HTMLElement).render(
  <StrictMode>
    <SyncProvider client={client}>
      <App />
    </SyncProvider>
  </StrictMode>,
)
