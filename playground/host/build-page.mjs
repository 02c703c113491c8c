import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const configFile = fileURLToPath(new URL('../vite.config.ts', import.meta.url))

/** Builds the static files of the page into `outDir`. */
export const buildPage = (outDir) =>
  build({ configFile, logLevel: 'warn', build: { outDir, emptyOutDir: true } })
