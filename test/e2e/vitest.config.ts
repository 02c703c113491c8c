import { defineProject } from 'vitest/config'
import { sourceResolution } from '../../vite.shared.ts'

/** A real browser. One file at a time and after everything else, because it needs the whole machine to itself. */
export default defineProject({
  ...sourceResolution,
  test: {
    name: 'e2e',
    include: ['*.e2e.test.ts'],
    environment: 'node',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 1,
    sequence: { groupOrder: 1 },
  },
})
