import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildPackages, TSC } from './built-packages.ts'
import { codeBlocks, root } from './code-blocks.ts'

const DOCUMENTS = ['README.md', 'server/README.md']
// Inside the repository, so that the packages resolve as they do for a user.
const folder = join(root, 'test/dist/snippets')

beforeAll(buildPackages, 300_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A user's own project: no option of ours. */
const project = (files: readonly string[], worker: boolean) => ({
  compilerOptions: {
    target: 'ES2022',
    lib: worker ? ['ES2023'] : ['ES2023', 'DOM', 'DOM.Iterable'],
    types: worker ? ['@cloudflare/workers-types/latest'] : ['react'],
    jsx: 'react-jsx',
    module: 'ESNext',
    moduleResolution: 'bundler',
    allowImportingTsExtensions: true,
    strict: true,
    skipLibCheck: true,
    noEmit: true,
  },
  files,
})

const isWorker = (code: string) => /from "(?:cloudflare:workers|@durable-sync\/server)"/.test(code)

test.each(DOCUMENTS)(
  'the code in %s compiles as it stands',
  async (document) => {
    const here = join(folder, document.replaceAll('/', '-'))
    mkdirSync(here, { recursive: true })
    const blocks = codeBlocks(document)
    expect(blocks.length).toBeGreaterThan(0)
    for (const { file, code } of blocks) writeFileSync(join(here, file), code)
    for (const worker of [true, false]) {
      const files = blocks.filter(({ code }) => isWorker(code) === worker).map(({ file }) => file)
      if (files.length === 0) continue
      const config = join(here, worker ? 'tsconfig.worker.json' : 'tsconfig.page.json')
      writeFileSync(config, JSON.stringify(project(files, worker)))
      const compiled = await promisify(execFile)(process.execPath, [TSC, '-p', config], { cwd: root }).then(
        () => '',
        (error: { stdout: string }) => error.stdout,
      )
      expect(compiled).toBe('')
    }
  },
  240_000,
)
