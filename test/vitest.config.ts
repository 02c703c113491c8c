import { defineProject } from 'vitest/config'
import { sourceResolution } from '../vite.shared.ts'

/** Real sockets against a real workerd, from Node. */
export default defineProject({
  ...sourceResolution,
  test: {
    name: 'protocol',
    include: ['**/*.test.ts'],
    exclude: ['adapters/**', 'e2e/**', 'storage/**', 'offline/**', 'tabs/**', '**/node_modules/**'],
    environment: 'node',
    // Files share the modules of their process: reading the packages anew for each took a third of the time. Whoever sets a global puts it back.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 30_000,
  },
})
