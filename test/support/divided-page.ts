import { type BuildOptions, build, type Metafile, type OutputFile } from 'esbuild'
import { sourceCondition } from '../../vite.shared.ts'

/** The file of the module itself, beside those that it loads. */
export const PAGE_FILE = 'stdin.js'

export interface DividedPage {
  /** Each with its path, which begins with `outdir`. */
  readonly outputFiles: readonly OutputFile[]
  readonly metafile: Metafile
}

/** What differs from page to page. `outdir` is only a name. */
export interface DividedPageOptions
  extends Pick<
    BuildOptions,
    'minify' | 'minifyIdentifiers' | 'minifySyntax' | 'minifyWhitespace' | 'external' | 'plugins'
  > {
  readonly outdir: string
  /** What paths of the metafile begin at. */
  readonly absWorkingDir?: string
  /** Of packages, besides the workspace's own. */
  readonly conditions?: readonly string[]
}

/** The page whose module is `code`, as if it stood in `folder`: built for production from sources, in the files that a bundler divides it into. */
export function dividedPage(
  folder: string,
  code: string,
  { conditions = [], ...options }: DividedPageOptions,
): Promise<DividedPage> {
  return build({
    stdin: { contents: code, resolveDir: folder, sourcefile: 'page', loader: 'ts' },
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    format: 'esm',
    target: 'es2022',
    conditions: [sourceCondition, ...conditions],
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'silent',
    ...options,
  })
}

/** By their paths, which begin with `outdir`. */
export const textsOf = ({ outputFiles }: DividedPage): ReadonlyMap<string, string> =>
  new Map(outputFiles.map(({ path, text }) => [path, text]))
