import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** A module beside the tests that exists only in memory. */
const FILE = fileURLToPath(new URL('./in-memory.ts', import.meta.url))
const ROOT = dirname(dirname(dirname(FILE)))

/** What a new TypeScript project of an author would say, and nothing of this repository's own. */
const AUTHOR: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  // So that no build has to be run first.
  customConditions: ['@durable-sync/source'],
  allowImportingTsExtensions: true,
}

const PLATFORMS: Readonly<Record<'worker' | 'page', ts.CompilerOptions>> = {
  worker: {
    ...AUTHOR,
    lib: ['lib.es2023.d.ts'],
    types: [join(ROOT, 'node_modules/@cloudflare/workers-types/latest/index.d.ts')],
  },
  page: { ...AUTHOR, lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'], types: [] },
}

/** Everything but the author's module is read and parsed once. */
const parsed = new Map<string, ts.SourceFile | undefined>()
const programs = new Map<string, ts.Program>()

/** The compiler's complaints about `text`, as an author's Worker or page would be compiled. */
export function typeErrors(text: string, platform: keyof typeof PLATFORMS): string[] {
  const options = PLATFORMS[platform]
  const host = ts.createCompilerHost(options)
  const { getSourceFile } = host
  host.getSourceFile = (name, version, ...rest) => {
    if (name === FILE) return ts.createSourceFile(name, text, version)
    const key = `${platform} ${name}`
    if (!parsed.has(key)) parsed.set(key, getSourceFile(name, version, ...rest))
    return parsed.get(key)
  }
  host.fileExists = (name) => name === FILE || existsSync(name)
  host.readFile = (name) => (name === FILE ? text : existsSync(name) ? readFileSync(name, 'utf8') : undefined)
  const roots = [FILE, ...(options.types ?? [])]
  const program = ts.createProgram(roots, { ...options, types: [] }, host, programs.get(platform))
  programs.set(platform, program)
  const source = program.getSourceFile(FILE)
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
    ({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'),
  )
}
