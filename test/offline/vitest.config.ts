import { defineProject } from 'vitest/config'
import { sourceResolution } from '../../vite.shared.ts'

/** The whole client in a real browser against a real workerd: reloads, kills, tabs. One file at a time: each needs the machine to itself. */
export default defineProject({
  ...sourceResolution,
  test: {
    name: 'offline',
    include: ['*.test.ts'],
    environment: 'node',
    testTimeout: 90_000,
    hookTimeout: 60_000,
    maxWorkers: 1,
    sequence: { groupOrder: 1 },
  },
})
