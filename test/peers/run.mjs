// Compares the product with its peers: installs what is missing, builds main.ts into one file, so that the clients are measured as a
// browser would load them, and runs it.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))
const args = process.argv.slice(2)
const run = (cwd, command, ...rest) => {
  const { status } = spawnSync(command, rest, { cwd, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

const time = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0)
const installedAt = (folder) => time(`${folder}node_modules/.package-lock.json`)
if (installedAt(root) === 0) run(root, 'npm', 'ci', '--no-audit', '--no-fund')
if (installedAt(here) < time(`${here}package-lock.json`)) run(here, 'npm', 'ci', '--no-audit', '--no-fund')
if (args.includes('--check')) run(root, 'npx', 'tsc', '-b', 'test/peers', 'test/peers/worker')

const { build } = await import('esbuild')
const outfile = `${here}dist/main.mjs`
await build({
  entryPoints: [`${here}main.ts`],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: 'inline',
  conditions: ['@durable-sync/source'],
  external: ['miniflare', 'ws', 'workerd', 'esbuild', 'vite'],
  define: { 'process.env.NODE_ENV': '"production"' },
  logLevel: 'warning',
})
run(process.cwd(), process.execPath, '--expose-gc', '--enable-source-maps', outfile, ...args)
