import { defineProject } from 'vitest/config'
import { sourceResolution } from '../../vite.shared.ts'

/** A real browser, after everything else: its pages want the machine for themselves. */
export default defineProject({
  ...sourceResolution,
  test: {
    name: 'e2e',
    include: ['*.e2e.test.ts'],
    environment: 'node',
    globalSetup: ['built-pages-folder.ts'],
    testTimeout: 60_000,
    hookTimeout: 240_000,
    // Files share the modules of their process, as in test/vitest.config.ts.
    isolate: false,
    // Three at a time, also on two cores: they wait most of the time.
    maxWorkers: 3,
    sequence: { groupOrder: 1 },
  },
})
