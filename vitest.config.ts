import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { adapterProjects } from './test/adapters/projects.ts'
import { Counts } from './test/counts.ts'
import { sourceResolution } from './vite.shared.ts'

export default defineConfig({
  test: {
    // Most tests wait for another process; with less than two at a time a small machine is idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ['default', new Counts()],
    projects: [
      'core',
      {
        ...sourceResolution,
        root: 'core',
        test: { name: 'core-alone', include: ['src/client/on-server.test.ts'], environment: 'node' },
      },
      {
        ...sourceResolution,
        root: 'server',
        test: { name: 'server', include: ['src/**/*.test.ts'], environment: 'node' },
      },
      ...adapterProjects,
      {
        ...sourceResolution,
        root: 'playground',
        test: {
          name: 'playground',
          include: ['src/**/*.test.ts', 'worker/**/*.test.ts', 'host/**/*.test.mjs'],
          environment: 'node',
        },
      },
      'test',
      'test/e2e',
      'test/storage',
      'test/offline',
      'test/tabs',
    ],
  },
})
