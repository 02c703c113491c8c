import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildPage } from './build-page.mjs'
import { buildWorker } from './build-worker.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What the pages and the Worker are made of; packages of others by their versions. */
const FOLDERS = [
  'core/src',
  'server/src',
  'adapters/react/src',
  'adapters/solid/src',
  'adapters/svelte/src',
  'adapters/vue/src',
  'playground/src',
  'playground/worker',
  'playground/host',
]
const FILES = ['package-lock.json', 'vite.shared.ts', 'playground/vite.config.mjs']

/**
 * Builds the pages and the Worker into `folder`, with four compilers, unless what stands there was built of the same sources, as their
 * times and sizes tell.
 */
export async function buildIfChanged(folder) {
  const mark = join(folder, 'built-of')
  const sources = stateOfSources()
  if (existsSync(mark) && readFileSync(mark, 'utf8') === sources) return
  // Until all of it stands there, none of it counts.
  rmSync(mark, { force: true })
  await Promise.all([buildPage(join(folder, 'page')), buildWorker(join(folder, 'worker.js'))])
  writeFileSync(mark, sources)
}

function stateOfSources() {
  const hash = createHash('sha256').update(`${process.env.NODE_ENV} ${process.version}\n`)
  const pages = readdirSync(join(root, 'playground')).filter((name) => name.endsWith('.html'))
  const inFolders = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name)),
  )
  for (const path of [...FILES, ...pages.map((name) => join('playground', name)), ...inFolders]) {
    const { mtimeMs, size } = statSync(join(root, path))
    hash.update(`${path} ${mtimeMs} ${size}\n`)
  }
  return hash.digest('hex')
}
