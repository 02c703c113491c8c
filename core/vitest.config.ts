import { defineProject } from 'vitest/config'
import { sourceResolution } from '../vite.shared.ts'

export default defineProject({
  ...sourceResolution,
  test: { name: 'core', include: ['src/**/*.test.ts'], environment: 'node', testTimeout: 30_000 },
})
