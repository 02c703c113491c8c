import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { PAGE_PATHS } from './page-paths.mjs'

const entry = fileURLToPath(new URL('../worker/worker.ts', import.meta.url))

/** Bundles the Worker and its Durable Objects, with the packages' sources, into `outfile`. */
export const buildWorker = (outfile) =>
  build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    target: 'es2024',
    conditions: ['@durable-sync/source', 'workerd', 'worker'],
    external: ['cloudflare:*'],
    define: { PAGE_PATHS: JSON.stringify(PAGE_PATHS) },
    sourcemap: 'inline',
    logLevel: 'warning',
  })
