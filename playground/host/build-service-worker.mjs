import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { PAGE_PATHS } from './page-paths.mjs'

const entry = fileURLToPath(new URL('../src/service-worker/service-worker.ts', import.meta.url))

/**
 * Writes the service worker of the pages that were built into `outDir`. It has the names of their files in it, and a hash of their
 * contents: another build makes another service worker, which is how browsers notice.
 */
export function buildServiceWorker(outDir, files) {
  const hash = createHash('sha256')
  for (const { fileName, code, source } of files) hash.update(fileName).update(code ?? source)
  const names = files.map(({ fileName }) => `/${fileName}`).filter((name) => !name.endsWith('.html'))
  return build({
    entryPoints: [entry],
    // At the root and without a hash: its scope is its folder, and browsers ask for it by the same name for ever.
    outfile: join(outDir, 'service-worker.js'),
    bundle: true,
    format: 'iife',
    target: 'es2022',
    define: {
      BUILT: JSON.stringify({ version: hash.digest('hex').slice(0, 16), files: names, pages: PAGE_PATHS }),
    },
    logLevel: 'warning',
  })
}
