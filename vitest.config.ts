import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { Counts } from './test/counts.ts'
import { sourceResolution } from './vite.shared.ts'

export default defineConfig({
  test: {
    reporters: ['default', new Counts()],
    projects: [
      'core',
      {
        ...sourceResolution,
        root: 'server',
        test: { name: 'server', include: ['src/**/*.test.ts'], environment: 'node' },
      },
      {
        ...sourceResolution,
        plugins: [react()],
        root: 'adapters/react',
        test: { name: 'react', include: ['src/**/*.test.{ts,tsx}'], environment: 'jsdom' },
      },
      {
        ...sourceResolution,
        root: 'playground',
        test: {
          name: 'playground',
          include: ['src/**/*.test.ts', 'worker/**/*.test.ts', 'host/**/*.test.mjs'],
          environment: 'node',
          sequence: { groupOrder: 1 },
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
