import { dirname } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Metafile } from 'esbuild'
import { dividedPage } from './divided-page.ts'
import { svelteSources } from './svelte-sources.ts'

/** Files that are loaded together. */
interface Loaded {
  readonly gzipBytes: number
  /** The sources that something of is in them, relative to the folder above. */
  readonly inputs: readonly string[]
}

export interface PageBundle {
  readonly atOnce: Loaded
  /** By an `import()`, whether or not the page ever does. */
  readonly later: Loaded
  /** What of it the `import()` of `source` loads, by the end of its path. */
  readonly part: (source: string) => Loaded
}

/** What a page loads whose module is `code`: bundled for production as if it stood in `folder`. */
export async function pageBundle(
  folder: string,
  code: string,
  external: readonly string[] = [],
): Promise<PageBundle> {
  const { metafile, outputFiles } = await dividedPage(folder, code, {
    outdir: 'bundle',
    minify: true,
    conditions: ['svelte'],
    plugins: [svelteSources],
    external: [...external],
    absWorkingDir: dirname(folder),
  })
  const { outputs } = metafile
  const start = entryOf(outputs, 'page')
  const atOnce = start ? followed(outputs, [start], 'import-statement') : new Set<string>()
  // esbuild writes the file of an `import()` also when the code that has it is dropped.
  const ever = followed(outputs, [...atOnce], 'import-statement', 'dynamic-import')
  const loaded = (names: ReadonlySet<string>): Loaded => {
    const files = [...names].filter((name) => names === atOnce || !atOnce.has(name))
    const contents = outputFiles.filter(({ path }) => files.some((name) => path.endsWith(`/${name}`)))
    const inputs = files.flatMap((name) => Object.entries(outputs[name]?.inputs ?? {}))
    return {
      gzipBytes: contents.reduce((bytes, file) => bytes + gzipSync(file.contents, { level: 9 }).length, 0),
      inputs: inputs.flatMap(([input, { bytesInOutput }]) => (bytesInOutput > 0 ? [input] : [])),
    }
  }
  const part = (source: string) => {
    const entry = entryOf(outputs, source)
    if (!entry || !ever.has(entry)) throw new Error(`the page never loads ${source}`)
    return loaded(followed(outputs, [entry], 'import-statement'))
  }
  return { atOnce: loaded(atOnce), later: loaded(ever), part }
}

type Outputs = Metafile['outputs']

const entryOf = (outputs: Outputs, source: string): string | undefined =>
  Object.keys(outputs).find((name) => outputs[name]?.entryPoint?.endsWith(source))

/** `names`, and all that they import in one of these ways. */
function followed(
  outputs: Outputs,
  names: readonly string[],
  ...how: readonly ('import-statement' | 'dynamic-import')[]
): Set<string> {
  const found = new Set(names)
  for (const name of found)
    for (const { path, kind, external } of outputs[name]?.imports ?? [])
      if (!external && how.some((each) => each === kind)) found.add(path)
  return found
}
