import { defineProject } from 'vitest/config'
import { sourceResolution } from '../../vite.shared.ts'

/** The engine of the device's storage in a real browser, one file at a time: several of them kill it or fill its disk. */
export default defineProject({
  ...sourceResolution,
  test: {
    name: 'storage',
    include: ['*.test.ts'],
    environment: 'node',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 1,
    sequence: { groupOrder: 1 },
  },
})
