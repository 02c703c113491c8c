import { dirname } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Metafile } from 'esbuild'
import { sourceCondition } from '../../vite.shared.ts'
import { svelteSources } from './svelte-sources.ts'

/** Files that are loaded together. */
interface Loaded {
  readonly gzipBytes: number
  /** The sources that something of is in them, relative to the folder above. */
  readonly inputs: readonly string[]
}

export interface PageBundle {
  readonly atOnce: Loaded
  /** By an `import()`. */
  readonly later: Loaded
}

/** What a page loads whose module is `code`: bundled for production as if it stood in `folder`. */
export async function pageBundle(
  folder: string,
  code: string,
  external: readonly string[] = [],
): Promise<PageBundle> {
  const { metafile, outputFiles } = await build({
    stdin: { contents: code, resolveDir: folder, sourcefile: 'page', loader: 'ts' },
    bundle: true,
    splitting: true,
    outdir: 'bundle',
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    target: 'es2022',
    conditions: [sourceCondition, 'svelte'],
    plugins: [svelteSources],
    external: [...external],
    absWorkingDir: dirname(folder),
    define: { 'process.env.NODE_ENV': '"production"' },
  })
  const { outputs } = metafile
  const atOnce = new Set<string>()
  const later = new Set<string>()
  const start = Object.keys(outputs).find((name) => outputs[name]?.entryPoint?.endsWith('page'))
  if (start) follow(outputs, start, atOnce)
  // esbuild writes the file of an `import()` also when the code that has it is dropped.
  for (const name of importedBy(outputs, [...atOnce], 'dynamic-import'))
    if (!atOnce.has(name)) follow(outputs, name, later)
  const loaded = (names: ReadonlySet<string>): Loaded => {
    const files = [...names].filter((name) => !(names === later && atOnce.has(name)))
    const contents = outputFiles.filter(({ path }) => files.some((name) => path.endsWith(`/${name}`)))
    const inputs = files.flatMap((name) => Object.entries(outputs[name]?.inputs ?? {}))
    return {
      gzipBytes: contents.reduce((bytes, file) => bytes + gzipSync(file.contents, { level: 9 }).length, 0),
      inputs: inputs.flatMap(([input, { bytesInOutput }]) => (bytesInOutput > 0 ? [input] : [])),
    }
  }
  return { atOnce: loaded(atOnce), later: loaded(later) }
}

type Outputs = Metafile['outputs']

const importedBy = (
  outputs: Outputs,
  names: readonly string[],
  how: 'import-statement' | 'dynamic-import',
): string[] =>
  names.flatMap((name) =>
    (outputs[name]?.imports ?? []).flatMap(({ path, kind, external }) =>
      kind === how && !external ? [path] : [],
    ),
  )

/** `name`, and all that it cannot do without. */
function follow(outputs: Outputs, name: string, into: Set<string>): void {
  if (into.has(name)) return
  into.add(name)
  for (const next of importedBy(outputs, [name], 'import-statement')) follow(outputs, next, into)
}
