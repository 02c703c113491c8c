import { defineProject } from 'vitest/config'
import { sourceResolution } from '../../vite.shared.ts'

/** Several pages of a real browser, and how soon they agree. With the other browsers, after everything else. */
export default defineProject({
  ...sourceResolution,
  test: {
    name: 'tabs',
    include: ['*.test.ts'],
    environment: 'node',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Files share the modules of their process, as in test/vitest.config.ts.
    isolate: false,
    // Three at a time, also on two cores: they wait most of the time.
    maxWorkers: 3,
    sequence: { groupOrder: 1 },
  },
})
