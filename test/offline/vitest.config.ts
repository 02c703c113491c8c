import { defineProject } from 'vitest/config'
import { sourceResolution } from '../../vite.shared.ts'

/** The whole client in a real browser against a real workerd: reloads, kills, tabs. With the other browsers, after everything else. */
export default defineProject({
  ...sourceResolution,
  test: {
    name: 'offline',
    include: ['*.test.ts'],
    environment: 'node',
    testTimeout: 90_000,
    hookTimeout: 60_000,
    // Files share the modules of their process, as in test/vitest.config.ts.
    isolate: false,
    // Three at a time, also on two cores: they wait most of the time.
    maxWorkers: 3,
    sequence: { groupOrder: 1 },
  },
})
