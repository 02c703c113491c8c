import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

const sources = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(
      (entry) =>
        entry.isFile() &&
        /\.tsx?$/.test(entry.name) &&
        !/\.test\.tsx?$|\/testing\//.test(join(entry.parentPath, entry.name)),
    )
    .map((entry) => join(entry.parentPath, entry.name))

/** What a file imports, relative paths resolved to the repository. */
function imports(file: string): string[] {
  const found = ts
    .preProcessFile(readFileSync(file, 'utf8'), true, true)
    .importedFiles.map(({ fileName }) => fileName)
  return found.map((name) => (name.startsWith('.') ? relative(root, resolve(file, '..', name)) : name))
}

/** Imports of `folder` that none of `allowed` matches, as "file imports name". */
const violations = (folder: string, allowed: readonly RegExp[]): string[] =>
  sources(folder).flatMap((file) =>
    imports(file)
      .filter((name) => !allowed.some((pattern) => pattern.test(name)))
      .map((name) => `${relative(root, file)} imports ${name}`),
  )

test('the wire imports nothing but itself', () => {
  expect(violations('core/src/wire', [/^core\/src\/wire\//])).toEqual([])
})

test('core imports itself, its wire, partysocket and idb, the devtools their event client, and nothing of TanStack DB', () => {
  const bus = /^core\/src\/devtools\/.* imports @tanstack\/devtools-event-client$/
  const found = violations('core/src', [/^core\/src\//, /^partysocket\/ws$/, /^idb$/])
  expect(found.filter((violation) => !bus.test(violation))).toEqual([])
  expect(found).toHaveLength(1)
})

test('nothing of core but its devtools imports them', () => {
  const importers = sources('core/src').filter(
    (file) =>
      !relative(root, file).startsWith('core/src/devtools/') &&
      imports(file).some((name) => name.startsWith('core/src/devtools/')),
  )
  expect(importers).toEqual([])
})

test('the server imports itself, the wire and the platform', () => {
  expect(
    violations('server/src', [/^server\/src\//, /^@durable-sync\/core\/wire$/, /^cloudflare:workers$/]),
  ).toEqual([])
})

test('the registry, whose type browsers import, knows nothing of the platform', () => {
  expect(
    violations('server/src/registry', [/^server\/src\/registry\//, /^@durable-sync\/core\/wire$/]),
  ).toEqual([])
  const workersGlobals = /\b(?:SqlStorage|DurableObject\w*|WebSocketPair|ExecutionContext)\b/
  for (const file of sources('server/src/registry')) {
    const code = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
    expect(workersGlobals.exec(code)?.[0], relative(root, file)).toBeUndefined()
  }
})

test.each([
  ['react', [/^react$/]],
  ['vue', [/^vue$/]],
  ['solid', [/^solid-js$/]],
  ['svelte', [/^svelte(\/reactivity)?$/]],
])('the %s adapter imports itself, core, its framework and its TanStack package', (name, framework) => {
  const own = [new RegExp(`^adapters/${name}/src/`), /^@durable-sync\/core(\/wire)?$/]
  const tanstack = new RegExp(`^@tanstack/${name}-db$`)
  expect(violations(`adapters/${name}/src`, [...own, ...framework, tanstack])).toEqual([])
})

/** One circle of imports among these files, as they import each other; undefined where there is none. */
function circleOf(files: readonly string[]): string[] | undefined {
  const done = new Set<string>()
  const follow = (file: string, path: readonly string[]): string[] | undefined => {
    const start = path.indexOf(file)
    if (start >= 0) return [...path.slice(start), file]
    if (done.has(file) || !files.includes(file)) return undefined
    for (const next of imports(join(root, file))) {
      const circle = follow(next, [...path, file])
      if (circle) return circle
    }
    done.add(file)
    return undefined
  }
  for (const file of files) {
    const circle = follow(file, [])
    if (circle) return circle
  }
  return undefined
}

test.each(['core', 'server', 'adapters/react', 'adapters/vue', 'adapters/solid', 'adapters/svelte'])(
  'no files of %s import each other in a circle, types included',
  (folder) => {
    expect(circleOf(sources(`${folder}/src`).map((file) => relative(root, file)))).toBeUndefined()
  },
)
