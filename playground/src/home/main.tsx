import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { keepPage } from '../frame/keep-page.ts'
import { Home } from './home.tsx'
import '../frame/theme.css'
import './home.css'

createRoot(document.getElementById('app') as HTMLElement).render(
  <StrictMode>
    <Home />
  </StrictMode>,
)
void keepPage()
