import { defineProject } from 'vitest/config'
import { sourceResolution } from '../../vite.shared.ts'

/** The engine of the device's storage in a real browser: several of these kill it or fill its disk. With the other browsers, after everything else. */
export default defineProject({
  ...sourceResolution,
  test: {
    name: 'storage',
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
