import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { clientConditions, singleCopies } from '../vite.shared.ts'

/** The page. Its Worker is bundled and served by `start.mjs`, which also builds this. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  resolve: { conditions: clientConditions, dedupe: singleCopies },
  // It is served from this machine to this machine.
  build: { chunkSizeWarningLimit: 2_000 },
})
