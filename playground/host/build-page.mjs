import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { buildServiceWorker } from './build-service-worker.mjs'

const configFile = fileURLToPath(new URL('../vite.config.mjs', import.meta.url))

/** Builds the static files of the pages into `outDir`, and the service worker that keeps them. */
export async function buildPage(outDir) {
  const { output } = await build({ configFile, logLevel: 'warn', build: { outDir, emptyOutDir: true } })
  await buildServiceWorker(outDir, output)
}
