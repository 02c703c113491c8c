import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const entry = fileURLToPath(new URL('../worker/worker.ts', import.meta.url))

/** Bundles the Worker and its Durable Object, with the packages' sources, into `outfile`. */
export const buildWorker = (outfile) =>
  build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    target: 'es2024',
    conditions: ['@durable-sync/source', 'workerd', 'worker'],
    external: ['cloudflare:*'],
    sourcemap: 'inline',
    logLevel: 'warning',
  })
