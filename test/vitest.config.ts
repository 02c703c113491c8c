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
    testTimeout: 60_000,
    hookTimeout: 30_000,
  },
})
