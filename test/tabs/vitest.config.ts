import { defineProject } from 'vitest/config'
import { sourceResolution } from '../../vite.shared.ts'

/** Several pages of a real browser, one file at a time: what is measured is how soon they agree. */
export default defineProject({
  ...sourceResolution,
  test: {
    name: 'tabs',
    include: ['*.test.ts'],
    environment: 'node',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 1,
    sequence: { groupOrder: 1 },
  },
})
