import { build } from 'esbuild'
import { workerConditions } from '../../vite.shared.ts'

const bundles = new Map<string, Promise<string>>()

/** The Worker whose entry module is the file `entry`, as one ES module with sources inline. Built once per entry and process. */
export function bundle(entry: string): Promise<string> {
  const known = bundles.get(entry)
  if (known) return known
  const made = build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    sourcemap: 'inline',
    conditions: workerConditions,
    external: ['cloudflare:*', 'workerd:*'],
    logLevel: 'silent',
  }).then((result) => {
    const [file] = result.outputFiles
    if (!file) throw new Error(`esbuild made nothing of ${entry}`)
    return file.text
  })
  bundles.set(entry, made)
  return made
}
