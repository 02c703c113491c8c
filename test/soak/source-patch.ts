import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build, type Platform, type Plugin } from 'esbuild'

/** One exact text of a source file and what stands in its place. */
export interface SourcePatch {
  /** Path from the root of the repository. */
  readonly file: string
  /** Must be found exactly once. */
  readonly find: string
  readonly put: string
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

function patched(source: string, { file, find, put }: SourcePatch): string {
  const parts = source.split(find)
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times the text: ${find}`)
  return parts.join(put)
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

function patching(patches: readonly SourcePatch[], met: Set<string>): Plugin {
  const files = [...new Set(patches.map(({ file }) => file))]
  return {
    name: 'source-patch',
    setup: ({ onLoad }) => {
      for (const file of files) {
        onLoad({ filter: new RegExp(`${escaped(file)}$`) }, async ({ path }) => {
          if (path !== ROOT + file) return null
          met.add(file)
          const source = await readFile(path, 'utf8')
          const contents = patches.filter((each) => each.file === file).reduce(patched, source)
          return { contents, loader: 'ts' }
        })
      }
    },
  }
}

export interface PatchedBundle {
  /** Path from the root of the repository. */
  readonly entry: string
  readonly patches: readonly SourcePatch[]
  readonly platform: Platform
  readonly conditions: readonly string[]
}

/**
 * `entry` and everything it imports as one ES module, with texts replaced.
 * @throws Error when a text is not found exactly once, or its file is not part of the bundle: a rule that is no longer switched off.
 */
export async function patchedBundle({
  entry,
  patches,
  platform,
  conditions,
}: PatchedBundle): Promise<string> {
  const met = new Set<string>()
  const { outputFiles } = await build({
    entryPoints: [ROOT + entry],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    platform,
    conditions: [...conditions],
    external: ['cloudflare:*', 'workerd:*'],
    plugins: [patching(patches, met)],
    logLevel: 'silent',
  })
  const [output] = outputFiles
  if (!output) throw new Error(`esbuild made nothing of ${entry}`)
  for (const { file } of patches) if (!met.has(file)) throw new Error(`${file} is not part of ${entry}`)
  return output.text
}
