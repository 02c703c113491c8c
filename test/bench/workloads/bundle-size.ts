import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { sourceCondition } from '../../../vite.shared.ts'
import type { Side } from '../side.ts'
import { type Measurement, NOTHING_TO_CLOSE, type Workload } from '../workload.ts'

const WITH_TANSTACK = 'client and `createCollection`, gzipped'
const ALONE = 'client, gzipped'
const REACT = 'React adapter, gzipped'

/** W7: minified, all exports, dependencies included; the floor is the bench's own client. */
export const bundleSize: Workload = {
  name: 'W7',
  title: () => 'size of what a browser loads',
  kind: 'counted',
  figures: [
    { name: ALONE, unit: 'bytes' },
    { name: WITH_TANSTACK, unit: 'bytes' },
    { name: REACT, unit: 'bytes' },
  ],
  prepare: async (side, { testFolder }) => ({
    measure: () => measure(side, testFolder),
    close: NOTHING_TO_CLOSE,
  }),
}

async function measure({ name }: Side, testFolder: string): Promise<Measurement> {
  const client = `export * from '${name === 'product' ? '@durable-sync/core' : './bench/bare-client.ts'}'`
  const figures = {
    [ALONE]: await gzippedBytes(testFolder, client),
    [WITH_TANSTACK]: await gzippedBytes(
      testFolder,
      `${client}\nexport { createCollection } from '@tanstack/db'`,
    ),
  }
  if (name === 'floor') return figures
  const adapter = await gzippedBytes(testFolder, "export * from '@durable-sync/react'", [
    'react',
    '@tanstack/*',
    '@durable-sync/core',
  ])
  return { ...figures, [REACT]: adapter }
}

/** `code` is bundled as if it stood in the folder. */
export async function gzippedBytes(folder: string, code: string, external: string[] = []): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: folder, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    conditions: [sourceCondition],
    external,
    define: { 'process.env.NODE_ENV': '"production"' },
  })
  return gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length
}
