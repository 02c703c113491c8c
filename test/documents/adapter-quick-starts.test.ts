import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { readDocument, root } from './code-blocks.ts'

// Inside the repository, so that the packages resolve as they do for a user.
const folder = join(root, 'test/dist/quick-starts')
const require = createRequire(import.meta.url)
const bin = (module: string, file: string) => join(dirname(require.resolve(`${module}/package.json`)), file)

/** What type-checks an app of this framework. */
const checkers = {
  react: { options: { jsx: 'react-jsx' }, run: [bin('typescript', 'bin/tsc'), '-p', 'tsconfig.json'] },
  solid: {
    options: { jsx: 'preserve', jsxImportSource: 'solid-js' },
    run: [bin('typescript', 'bin/tsc'), '-p', 'tsconfig.json'],
  },
  vue: { options: {}, run: [bin('vue-tsc', 'bin/vue-tsc.js'), '-p', 'tsconfig.json'] },
  svelte: {
    options: { types: ['svelte'] },
    run: [bin('svelte-check', 'bin/svelte-check'), '--tsconfig', './tsconfig.json'],
  },
}

const project = (options: object) => ({
  compilerOptions: {
    target: 'ES2022',
    lib: ['ES2023', 'DOM', 'DOM.Iterable'],
    types: [],
    module: 'ESNext',
    moduleResolution: 'bundler',
    customConditions: ['@durable-sync/source'],
    allowImportingTsExtensions: true,
    verbatimModuleSyntax: true,
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    ...options,
  },
  include: ['.'],
})

/** Every block, by the name in its first line. */
const files = (document: string): Map<string, string> =>
  new Map(
    [...readDocument(document).matchAll(/^```(?:tsx?|vue|svelte)\n([\s\S]*?)^```$/gm)].map(
      ([, code = '']) => {
        const name = /^(?:\/\/|<!--) ([\w-]+\.\w+)/.exec(code)?.[1]
        if (!name) throw new Error(`a block of ${document} does not start with its file name`)
        return [name, code]
      },
    ),
  )

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each(Object.entries(checkers))(
  'the quick start of the %s adapter compiles as it stands, and a row with a wrong column does not',
  async (framework, { options, run }) => {
    const check = async (name: string, change: (code: string) => string): Promise<string> => {
      const here = join(folder, framework, name)
      mkdirSync(here, { recursive: true })
      for (const [file, code] of files(`adapters/${framework}/README.md`))
        writeFileSync(join(here, file), change(code))
      writeFileSync(join(here, 'tsconfig.json'), JSON.stringify(project(options)))
      return promisify(execFile)(process.execPath, run, { cwd: here }).then(
        () => '',
        ({ stdout }: { stdout: string }) => stdout,
      )
    }
    expect(await check('as-it-stands', (code) => code)).toBe('')
    const mistyped = await check('mistyped', (code) => code.replace("content: 'Hello'", "contents: 'Hello'"))
    expect(mistyped).toMatch(/contents/)
  },
  300_000,
)
