import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildPackages, TSC } from './built-packages.ts'
import { readDocument, root } from './code-blocks.ts'
import { FRAMEWORKS, type Framework, filesOf, quickStartOf } from './quick-start-of.ts'

// Inside the repository, so that the packages resolve as they do for a user.
const folder = join(root, 'test/dist/adapter-readmes')
const require = createRequire(import.meta.url)
const bin = (module: string, file: string) => join(dirname(require.resolve(`${module}/package.json`)), file)
const tsc = [TSC, '-p', 'tsconfig.json']

/** What type-checks an app of each framework. */
const CHECKERS: Readonly<Record<Framework, { readonly options: object; readonly run: readonly string[] }>> = {
  react: { options: { jsx: 'react-jsx' }, run: tsc },
  solid: { options: { jsx: 'preserve', jsxImportSource: 'solid-js' }, run: tsc },
  vue: { options: {}, run: [bin('vue-tsc', 'bin/vue-tsc.js'), '-p', 'tsconfig.json'] },
  svelte: {
    options: {},
    run: [bin('svelte-check', 'bin/svelte-check'), '--output', 'machine', '--tsconfig', './tsconfig.json'],
  },
}

/** For what renders on a server and is not installed. Whatever is imported from it is anything. */
const STAND_INS = `
declare module 'h3' { export type H3Event = any; export const defineEventHandler: any }
declare module '#app'
declare module '@solidjs/router'
declare module '@tanstack/react-router'
declare module '@tanstack/react-start'
declare module '@tanstack/react-start/server-entry'
`
/** What SolidStart adds to Solid's own type. */
const REQUEST_EVENT = `import 'solid-js/web'
declare module 'solid-js/web' { interface RequestEvent { nativeEvent: any } }
`

const project = (options: object, types: readonly string[], include: readonly string[]) => ({
  compilerOptions: {
    target: 'ES2023',
    lib: ['ES2023', 'DOM', 'DOM.Iterable'],
    types,
    module: 'ESNext',
    moduleResolution: 'bundler',
    allowImportingTsExtensions: true,
    verbatimModuleSyntax: true,
    erasableSyntaxOnly: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    ...options,
  },
  include,
})

const ERROR = /error TS\d|\bERROR "/

/** Its errors; everything where none can be found. */
function ofTheApp(printed: string): string {
  const errors = printed.split('\n').filter((line) => ERROR.test(line))
  return errors.length > 0 ? errors.join('\n') : `it failed: ${printed}`
}

/** What the compiler of an app says to these files in a project of their own; empty when it is content. */
async function complaints(
  framework: Framework,
  name: string,
  files: ReadonlyMap<string, string>,
  config: object,
): Promise<string> {
  const here = join(folder, framework, name)
  for (const [path, text] of [...files, ['tsconfig.json', JSON.stringify(config)]] as const) {
    mkdirSync(dirname(join(here, path)), { recursive: true })
    writeFileSync(join(here, path), text)
  }
  return promisify(execFile)(process.execPath, [...CHECKERS[framework].run], { cwd: here }).then(
    () => '',
    ({ stdout, stderr }: { stdout: string; stderr: string }) => ofTheApp(stdout + stderr),
  )
}

/** What the table of a README says of readables, which is no block, as a file beside the quick start. */
function readableOf(framework: Framework): readonly [path: string, code: string] {
  const [, call] =
    /`(useReadable\([^`]*sync\.storage[^`]*)`/.exec(readDocument(`adapters/${framework}/README.md`)) ?? []
  if (call === undefined) throw new Error(`the README of ${framework} has no \`useReadable\``)
  return [
    'src/health.ts',
    `import { useReadable } from '@durable-sync/${framework}'\nimport { sync } from './sync'\nexport const useHealth = () => ${call}\n`,
  ]
}

/** A page's own types, and what Svelte's compiler looks for. */
const pageTypes = (framework: Framework) => ['vite/client', ...(framework === 'svelte' ? ['svelte'] : [])]

beforeAll(buildPackages, 300_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each(FRAMEWORKS)(
  'the quick start of the %s adapter compiles as it stands, and a row with a wrong column does not',
  async (framework) => {
    const { files } = quickStartOf(framework)
    // Both in one project: a compiler takes longest to read what they import.
    const both = [...files, readableOf(framework)].flatMap(([path, code]) => [
      [`right/${path}`, code] as const,
      [`mistyped/${path}`, code.replace('sent_at: Date', 'sentAt: Date')] as const,
    ])
    const config = project(CHECKERS[framework].options, pageTypes(framework), ['right/src', 'mistyped/src'])
    const said = await complaints(framework, 'page', new Map(both), config)
    expect(said.split('\n').filter((line) => !line.includes('mistyped/'))).toEqual([])
    expect(said).toMatch(/sentAt/)
  },
  300_000,
)

test('the Worker of the quick starts, which is the same in all, compiles as it stands', async () => {
  const all = FRAMEWORKS.map((framework) => quickStartOf(framework).files)
  for (const path of [
    'worker.ts',
    'wrangler.jsonc',
    'src/registry.ts',
    'src/sync.ts',
    'tsconfig.worker.json',
  ])
    expect(new Set(all.map((files) => files.get(path)))).toEqual(new Set([expect.stringContaining(path)]))
  const worker = project({ lib: ['ES2023'] }, ['@cloudflare/workers-types'], ['worker.ts'])
  expect(await complaints('react', 'worker', all[0] ?? new Map(), worker)).toBe('')
}, 300_000)

test.each(FRAMEWORKS)(
  'what the README of the %s adapter says of server rendering compiles, but for what is not installed',
  async (framework) => {
    const quickStart = quickStartOf(framework).files
    const files = new Map([...quickStart, ...filesOf(framework, 'Server rendering')])
    // A module of its own, as the recipe says.
    const app = quickStart.get('src/App.tsx') ?? ''
    if (framework === 'solid')
      files.set('src/messages.tsx', app.replace('function Messages', 'export function Messages'))
    files.set('stand-ins.d.ts', STAND_INS)
    if (framework === 'solid') files.set('request-event.d.ts', REQUEST_EVENT)
    const config = project(
      CHECKERS[framework].options,
      [...pageTypes(framework), '@cloudflare/workers-types'],
      ['src', 'server', 'pages', '*.d.ts'],
    )
    expect(await complaints(framework, 'server', files, config)).toBe('')
  },
  300_000,
)
