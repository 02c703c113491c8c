import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { type Plugin, transform } from 'esbuild'
import { type CompileOptions, compile, compileModule } from 'svelte/compiler'

const OPTIONS = { dev: false, generate: 'client' } satisfies CompileOptions

/** For esbuild: components of Svelte, and modules with runes, as a page loads them in production. */
export const svelteSources: Plugin = {
  name: 'svelte-sources',
  setup({ onLoad }) {
    onLoad({ filter: /\.svelte$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      return {
        contents: compile(source, { ...OPTIONS, filename: relative('.', path) }).js.code,
        loader: 'js',
      }
    })
    onLoad({ filter: /\.svelte\.[jt]s$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      const { code } = await transform(source, {
        loader: path.endsWith('ts') ? 'ts' : 'js',
        target: 'es2022',
      })
      return {
        contents: compileModule(code, { ...OPTIONS, filename: relative('.', path) }).js.code,
        loader: 'js',
      }
    })
  },
}
