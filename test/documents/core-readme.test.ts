import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { readDocument, root } from './code-blocks.ts'

// Inside the repository, so that the packages resolve as they do for a user.
const folder = join(root, 'test/dist/core-readme')
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')

/** What its fragments take for granted: an app, a request to it, and what they import only in words. */
const GIVEN = `
interface Api {
  readonly collections: {
    readonly tasks: {
      readonly row: { id: string; title: string; done: boolean; dueAt: Date | null }
      readonly key: 'id'
    }
    readonly messages: { readonly row: { id: string; content: string }; readonly key: 'id' }
  }
  readonly commands: { readonly clearDone: { readonly args: undefined; readonly result: number } }
}
type Core = typeof import('@durable-sync/core')
type SyncClient<A> = import('@durable-sync/core').SyncClient<A>
declare const createSync: Core['createSync']
declare const doCollectionOptions: Core['doCollectionOptions']
declare const collectionOptions: typeof import('@tanstack/react-db').collectionOptions
declare const DbClient: typeof import('@tanstack/react-db').DbClient
declare const client: SyncClient<Api>
declare const element: HTMLElement
declare const request: Request
declare const authenticate: (request: Request) => Promise<{ readonly userId: string }>
declare const env: {
  readonly SESSION: {
    idFromName(name: string): object
    get(id: object): Pick<import('@durable-sync/server').SyncDurableObject<object, object>, 'snapshot'>
  }
}
`
const OPTIONS = {
  target: 'ES2022',
  lib: ['ES2023', 'DOM', 'DOM.Iterable'],
  types: ['@cloudflare/workers-types'],
  module: 'ESNext',
  moduleResolution: 'bundler',
  customConditions: ['@durable-sync/source'],
  allowImportingTsExtensions: true,
  strict: true,
  skipLibCheck: true,
  noEmit: true,
}

/** Errors in the fragments. Our sources are compiled by themselves, with the types that they need. */
const errorsIn = (printed: string): readonly string[] =>
  printed.split('\n').filter((line) => /error TS\d/.test(line) && !line.startsWith('../'))

async function compile(fragments: readonly string[]): Promise<readonly string[]> {
  mkdirSync(folder, { recursive: true })
  for (const [i, code] of fragments.entries())
    writeFileSync(join(folder, `fragment-${i}.ts`), `${code}\nexport {}\n`)
  writeFileSync(join(folder, 'given.d.ts'), GIVEN)
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: OPTIONS, include: ['.'] }))
  return promisify(execFile)(process.execPath, [tsc, '-p', '.'], { cwd: folder }).then(
    () => [],
    ({ stdout }: { stdout: string }) => errorsIn(stdout),
  )
}

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the fragments in core’s README compile, and one that asks for a table that is not there does not', async () => {
  const fragments = [...readDocument('core/README.md').matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(
    ([, code = '']) => code,
  )
  expect(fragments.length).toBeGreaterThan(2)
  const mistaken = "client.call.nothing()\ndoCollectionOptions({ client, table: 'nothing' })"
  const errors = await compile([...fragments, mistaken])
  expect(errors.filter((line) => !line.startsWith(`fragment-${fragments.length}.ts`))).toEqual([])
  expect(errors).not.toEqual([])
}, 240_000)
