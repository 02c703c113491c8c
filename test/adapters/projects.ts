import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import react from '@vitejs/plugin-react'
import vue from '@vitejs/plugin-vue'
import type { PluginOption } from 'vite'
import solid from 'vite-plugin-solid'
import type { TestProjectInlineConfiguration } from 'vitest/config'
import { sourceResolution } from '../../vite.shared.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The TanStack packages of these pin this version, and run against the newest too. */
const PINNED = '0.9.2'
const NEWEST = '0.15.2'

interface Versions {
  readonly name: string
  readonly db: string
}

/** The tests of one adapter with one version of TanStack DB. */
function project(
  framework: string,
  plugins: () => PluginOption,
  { name, db }: Versions,
): TestProjectInlineConfiguration {
  const { resolve, ssr } = sourceResolution
  const alias = db === NEWEST ? [] : [{ find: /^@tanstack\/db$/, replacement: 'tanstack-db-oldest' }]
  return {
    root,
    plugins: [plugins()],
    resolve: { ...resolve, alias },
    ssr,
    test: {
      name,
      include: [
        ...(db === NEWEST ? [`adapters/${framework}/src/**/*.test.{ts,tsx}`] : []),
        `test/adapters/${framework}/**/*.test.{ts,tsx}`,
      ],
      environment: 'jsdom',
      env: { TANSTACK_DB: db },
      testTimeout: 20_000,
      // Node would resolve what these import by itself, past the alias and the conditions of a browser.
      server: { deps: { inline: [/@tanstack/, /tanstack-db-oldest/, /solid/, /svelte/, /@durable-sync/] } },
    },
  }
}

const both = (framework: string, plugins: () => PluginOption) => [
  project(framework, plugins, { name: framework, db: NEWEST }),
  project(framework, plugins, { name: `${framework}-pinned`, db: PINNED }),
]

/** One for each adapter and each version of TanStack DB that its TanStack package may bring. `react-db` pins the newest. */
export const adapterProjects: TestProjectInlineConfiguration[] = [
  project('react', react, { name: 'react', db: NEWEST }),
  ...both('vue', vue),
  ...both('solid', () => solid({ ssr: true })),
  ...both('svelte', () => svelte({ configFile: false })),
]
