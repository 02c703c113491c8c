import { defineProject } from 'vitest/config'
import { sourceResolution } from '../vite.shared.ts'

export default defineProject({
  ...sourceResolution,
  test: {
    name: 'core',
    include: ['src/**/*.test.ts'],
    // It takes the platform away from whoever runs beside it; the workspace has a project for it.
    exclude: ['src/client/on-server.test.ts'],
    environment: 'node',
    testTimeout: 30_000,
    // Files share the modules of their process: to read them anew for each took half of the time. Whoever sets a global puts it back.
    isolate: false,
  },
})
