// Runs the workloads of test/bench: builds them into one file, so that the clients are measured as a browser would load them, and runs it.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const bundle = fileURLToPath(new URL('dist/bench/main.mjs', import.meta.url))
const args = process.argv.slice(2)

await build({
  entryPoints: [fileURLToPath(new URL('bench/main.ts', import.meta.url))],
  outfile: bundle,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: 'inline',
  conditions: ['@durable-sync/source'],
  external: ['miniflare', 'ws', 'workerd', 'esbuild', 'vite', 'playwright-core'],
  define: { 'process.env.NODE_ENV': '"production"' },
  logLevel: 'warning',
})
const { status } = spawnSync(process.execPath, ['--expose-gc', '--enable-source-maps', bundle, ...args], {
  cwd: root,
  stdio: 'inherit',
})
process.exit(status ?? 1)
